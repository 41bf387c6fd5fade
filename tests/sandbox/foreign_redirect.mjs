// Sends what a program means for the service to the sandbox: node --import foreign_redirect.mjs
const original = globalThis.fetch;
globalThis.fetch = (input, options) =>
  original(String(input.url ?? input).replace(process.env.FOREIGN_SERVICE, process.env.FOREIGN_SANDBOX), options);
