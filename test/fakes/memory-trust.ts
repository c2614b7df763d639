import type { Accreditation, Recognition, StatusReading, StatusSource, TrustedCity, TrustSource } from '../../agent/trust.ts'

/** What a city knows of the chain, as plain arrays that a test fills and changes. */
export interface MemoryTrust extends TrustSource, StatusSource {
  readonly cities: TrustedCity[]
  readonly accreditations: Accreditation[]
  readonly recognitions: Recognition[]
  /** By `uri#index`; a list that is not in `lists` is not known. */
  readonly readings: Map<string, StatusReading>
  /** Reading of every entry without one of its own, by list. */
  readonly lists: Map<string, StatusReading>
}

/** A trust and status source that is filled by hand. */
export function createMemoryTrust(): MemoryTrust {
  const trust: MemoryTrust = {
    cities: [],
    accreditations: [],
    recognitions: [],
    readings: new Map(),
    lists: new Map(),
    async findAccreditations(thumbprint, credentialType) {
      return trust.accreditations.filter((one) => one.thumbprint === thumbprint && one.credentialType === credentialType)
    },
    async findCity(locode) {
      return trust.cities.find((city) => city.locode === locode)
    },
    async findRecognition(recogniser, issuer, credentialType) {
      return trust.recognitions.find((one) => {
        return one.recogniser === recogniser && one.issuer === issuer && one.credentialType === credentialType
      })
    },
    async listAcceptedTypes(recogniser, atSeconds) {
      const own = trust.accreditations.filter((one) => one.locode === recogniser)
      const recognised = trust.recognitions.filter((one) => one.recogniser === recogniser && one.validUntilSeconds > atSeconds)
      return [
        ...own.map(({ locode, credentialType }) => ({ locode, credentialType })),
        ...recognised.map(({ issuer, credentialType }) => ({ locode: issuer, credentialType })),
      ]
    },
    async readStatus(uri, index) {
      return trust.readings.get(`${uri}#${index}`) ?? trust.lists.get(uri)
    },
  }
  return trust
}
