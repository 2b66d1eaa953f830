// A program on the message bus at the socket argv[2], which prints its unique name and what it receives.
import { connectBus } from "../../support/dbus/bus-client.ts";

const client = await connectBus(process.argv[2] ?? "");
process.stdout.write(`${client.name}\n`);
client.onMessage(({ sender, member }) => process.stdout.write(`${member} of ${sender}\n`));
