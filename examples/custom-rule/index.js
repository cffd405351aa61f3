const { catalogue, createPack } = require("@bulkhead/policy-pack");
const memoryBelowMaximum = require("./memory-below-maximum");

createPack({ name: "acme", description: "What Acme asks of containers", rules: [...catalogue, memoryBelowMaximum] });
