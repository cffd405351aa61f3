import type { BuiltImage, Container, Pod, Read, Surroundings } from "@bulkhead/core";
import { requires } from "@bulkhead/core";

/**
 * Whether the pod has a user namespace of its own, which counts from Kubernetes 1.35: root in it is nobody outside of
 * it (KEP-127), and the Pod Security Standards ask for less.
 */
export function relaxation(subject: Pod | Container | BuiltImage, { kubernetesMinor }: Surroundings): { readonly userNamespace?: Read<boolean> } {
  return subject.about === "builtImage" || kubernetesMinor < 35 ? {} : { userNamespace: requires(subject.userNamespace) };
}
