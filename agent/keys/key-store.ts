/** The kinds of key the agent makes. RSA keys sign notes; the others sign what their names say. */
export type KeyType = 'Secp256r1' | 'Ed25519' | 'Secp256k1' | 'RSA-2048'

/** What anybody may know of a key. `kid` is its RFC 7638 thumbprint unless its maker chose another name. */
export interface ManagedKey {
  readonly kid: string
  readonly type: KeyType
  /** EC: uncompressed point; Ed25519: 32 bytes; RSA: the modulus. */
  readonly publicKeyHex: string
  readonly publicJwk: PublicJwk
  readonly meta: Readonly<Record<string, unknown>>
}

export type PublicJwk =
  | { readonly kty: 'EC', readonly crv: 'P-256' | 'secp256k1', readonly x: string, readonly y: string }
  | { readonly kty: 'OKP', readonly crv: 'Ed25519', readonly x: string }
  | { readonly kty: 'RSA', readonly n: string, readonly e: string }

/** A row of the key store. The private key is sealed: AES-256-GCM under the key-encryption key, bound to the row. */
export interface KeyRecord extends ManagedKey {
  readonly sealedPrivateKey: Uint8Array
}

/** Where keys are kept. `api/platform` implements it; the store never sees a private key in the clear. */
export interface KeyStore {
  /** @throws AgentError `ERR_KEY_EXISTS` when the kid is taken. */
  insertKey(record: KeyRecord): Promise<void>
  findKey(kid: string): Promise<KeyRecord | undefined>
  listKeys(): Promise<readonly KeyRecord[]>
  /** False when there was none. */
  deleteKey(kid: string): Promise<boolean>
}
