import "./start";
import { catalogue, createPack } from "./index";

createPack({ name: "bulkhead", rules: catalogue, description: "Refuses insecure Docker and Kubernetes containers at preview" });
