"""Polls a JBD pack by aiobmsble, as its documentation shows it, and prints one JSON line a sample.

    peer.py bluez ADDRESS SECONDS            over BlueZ, at DBUS_SYSTEM_BUS_ADDRESS
    peer.py simulated ADDRESS SECONDS        over a link within this process, with the answers in PEER_ANSWERS:
                                             {"REQUEST in hexadecimal": [milliseconds, "piece", "piece", …], …}
"""

import asyncio
import json
import os
import sys
import time

from aiobmsble import BMSConfig, basebms
from aiobmsble.bms.jbd_bms import BMS
from bleak.backends.device import BLEDevice


class SimulatedClient:
    """The part of a BleakClient that aiobmsble uses, over scripted answers."""

    def __init__(self, *_args, **_options):
        self.answers = json.loads(os.environ["PEER_ANSWERS"])
        self.is_connected = False
        self.services = self
        self.notify = None

    def get_characteristic(self, _uuid):
        return None

    def get_service(self, _uuid):
        return None

    async def disconnect(self):
        self.is_connected = False

    async def start_notify(self, _characteristic, handler):
        self.notify = handler

    async def write_gatt_char(self, _characteristic, data, response=False):
        latency, *pieces = self.answers[data.hex()]
        asyncio.get_running_loop().call_later(latency / 1000, self.answer, pieces)

    def answer(self, pieces):
        for piece in pieces:
            self.notify(None, bytearray.fromhex(piece))


async def connect_simulated(client_class, *_args, **_options):
    client = client_class()
    client.is_connected = True
    return client


async def find(radio, address):
    if radio == "simulated":
        basebms.BleakClient = SimulatedClient
        basebms.establish_connection = connect_simulated
        return BLEDevice(address, "JBD-4S-0001", {})
    from bleak import BleakScanner

    while (device := await BleakScanner.find_device_by_address(address)) is None:
        pass
    return device


async def main(radio, address, seconds):
    device = await find(radio, address)
    async with BMS(device, BMSConfig(keep_alive=True)) as bms:
        due = time.monotonic()
        while True:
            try:
                begin = time.monotonic()
                sample = await bms.async_update()
                took = (time.monotonic() - begin) * 1000
                print(json.dumps({"took": took, "sample": sample}, default=str), flush=True)
            except TimeoutError:
                print(json.dumps({"error": "timeout"}), flush=True)
            due = max(due + seconds, time.monotonic())
            await asyncio.sleep(due - time.monotonic())


asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
