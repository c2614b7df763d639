import { createHash } from 'node:crypto'
import {
  createAccreditationProof, issuerTypeOf, listAttributes, type IssuerAttribute, type IssuerType,
} from '../../agent/trust-lists/trusted-issuers-node.ts'
import type { RegisteredCity, TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import { ApiError } from '../platform/errors.ts'
import type { TrustStore } from './store.ts'

/** What a trusted issuers' registry says of one revision of an attribute. */
export interface RevisionView {
  readonly hash: string
  readonly body: string
  readonly issuerType: IssuerType
  readonly tao: string
  readonly rootTao: string
}

export interface IssuersServiceOptions {
  readonly store: Pick<TrustStore, 'findOrSign'>
  /** The city that publishes, and its issuer key. */
  readonly publisher: { readonly did: string; readonly kid: string; readonly x5c: readonly string[] }
  readonly sign: (kid: string, signingInput: string) => Promise<string>
}

export type IssuersService = ReturnType<typeof createIssuersService>

/** The register as EBSI's registry of trusted issuers, each accreditation with a proof that this city signs. */
export function createIssuersService({ store, publisher, sign }: IssuersServiceOptions) {
  const header = { alg: 'ES256', typ: 'JWT', kid: `${publisher.did}#${publisher.kid}`, x5c: publisher.x5c }

  async function view(register: TrustRegister, attribute: IssuerAttribute, index: number): Promise<RevisionView> {
    const revision = attribute.revisions.at(index)
    if (revision === undefined) throw new ApiError('ERR_NOT_FOUND')
    const proof = createAccreditationProof({ attribute, revision, authority: register.authority, publisher: publisher.did })
    const body = await store.findOrSign(`${encodeJson(header)}.${encodeJson(proof)}`, async (input) => await sign(publisher.kid, input))
    return { hash: createHash('sha256').update(body).digest('hex'), body, issuerType: issuerTypeOf(revision.status), tao: register.authority, rootTao: register.authority }
  }

  return {
    /** Cities that are or were members. Who was only ever admitted is no issuer. */
    list: (register: TrustRegister): readonly RegisteredCity[] => register.cities.filter(({ activated }) => activated !== undefined),

    /** By DID, as it stands in the document or with its percent signs decoded once by the path. @throws ApiError `ERR_NOT_FOUND` */
    find(register: TrustRegister, did: string): RegisteredCity {
      const city = this.list(register).find((one) => one.did === did || decoded(one.did) === did)
      if (city === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such issuer.')
      return city
    },

    attributes: listAttributes,

    /** @throws ApiError `ERR_NOT_FOUND` */
    findAttribute(register: TrustRegister, city: RegisteredCity, attributeId: string): IssuerAttribute {
      const attribute = listAttributes(register, city).find((one) => one.attributeId === attributeId)
      if (attribute === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such attribute.')
      return attribute
    },

    /** The revision that holds now. */
    latest: async (register: TrustRegister, attribute: IssuerAttribute): Promise<RevisionView> => await view(register, attribute, -1),

    /** All revisions, the oldest first. */
    async revisions(register: TrustRegister, attribute: IssuerAttribute): Promise<readonly RevisionView[]> {
      const views: RevisionView[] = []
      for (const index of attribute.revisions.keys()) views.push(await view(register, attribute, index))
      return views
    },

    /** One revision by its hash. @throws ApiError `ERR_NOT_FOUND` */
    chosen(views: readonly RevisionView[], hash: string): RevisionView {
      const found = views.find((one) => one.hash === hash)
      if (found === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such revision.')
      return found
    },
  }
}

function decoded(did: string): string {
  try {
    return decodeURIComponent(did)
  } catch {
    return did
  }
}

function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
