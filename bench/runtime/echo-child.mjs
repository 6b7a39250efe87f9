// Sends back what it is sent: the way to another process and back, and nothing else.
process.on('message', (message) => process.send(message));
