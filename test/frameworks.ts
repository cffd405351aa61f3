/** The frameworks that a rule may cite, and what their control ids look like. */
export const frameworks: { readonly [name: string]: RegExp } = {
  pss: /^(baseline|restricted)$/,
  "cis-docker-1.6": /^[1-7]\.\d{1,2}$/,
  "cis-kubernetes-1.10": /^[45]\.\d{1,2}\.\d{1,2}$/,
};
