/*
 * The fields that a kustomization of ours may have, named and typed as kustomize does. Narrower than all that it takes: a field
 * that none of our files uses is as wrong here as one that does not exist, until it is written down.
 *
 * https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
 */

export interface Kustomization {
  readonly apiVersion: 'kustomize.config.k8s.io/v1beta1'
  readonly kind: 'Kustomization'
  readonly namespace?: string
  readonly resources: readonly string[]
  readonly configMapGenerator?: readonly ConfigMapGenerator[]
  readonly patches?: readonly Patch[]
  readonly images?: readonly Image[]
}

interface ConfigMapGenerator {
  readonly name: string
  readonly files?: readonly string[]
  readonly options?: { readonly disableNameSuffixHash?: boolean; readonly immutable?: boolean }
}

interface Patch {
  readonly path: string
  readonly target?: { readonly kind?: string; readonly name?: string; readonly labelSelector?: string }
}

interface Image {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
}
