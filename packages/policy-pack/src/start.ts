import { putOffArborist } from "./arborist";

// In a module of its own, which comes before the import of the SDK.
putOffArborist();
