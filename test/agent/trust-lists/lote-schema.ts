import { z } from 'zod'

/*
 * ETSI TS 119 602 V1.1.1, Annex A (JSON binding), written down from its clauses: every member it allows and no other.
 * The members that this project never writes are here too, so that a list of anybody else's passes as well.
 * Source: https://forge.etsi.org/rep/esi/x19_60201_lists_of_trusted_entities (1960201_json_schema)
 */

const uri = z.string().refine((text) => URL.canParse(text), 'a URI')
/** Clause 6.1.4: UTC, four digits of the year, no fractions. */
const dateTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/).refine((text) => !Number.isNaN(Date.parse(text)))
const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1)
const text = some(z.strictObject({ lang: z.string().min(2), value: z.string().min(1) }))
const uris = some(z.strictObject({ lang: z.string().min(2), uriValue: uri }))
const country = z.string().regex(/^[A-Z]{2}$/)
const postal = some(z.strictObject({
  lang: z.string(), StreetAddress: z.string().min(1), Locality: z.string().optional(), StateOrProvince: z.string().optional(), PostalCode: z.string().optional(), Country: country,
}))
const identity = z.strictObject({
  X509Certificates: some(z.strictObject({ encoding: uri.optional(), specRef: z.string().optional(), val: z.base64() })).optional(),
  X509SubjectNames: some(z.string()).optional(),
  PublicKeyValues: some(z.looseObject({ kty: z.string() })).optional(),
  X509SKIs: some(z.base64()).optional(),
  OtherIds: some(z.string()).optional(),
}).refine((value) => Object.keys(value).length > 0)
const extensions = some(z.unknown())
const historyInstance = z.strictObject({
  ServiceTypeIdentifier: uri.optional(), ServiceName: text, ServiceDigitalIdentity: identity, ServiceStatus: uri, StatusStartingTime: dateTime,
  ServiceInformationExtensions: extensions.optional(),
})
const service = z.strictObject({
  ServiceInformation: historyInstance.partial({ ServiceStatus: true, StatusStartingTime: true }).extend({
    SchemeServiceDefinitionURI: uris.optional(), ServiceDefinitionURI: uris.optional(),
    ServiceSupplyPoints: some(z.strictObject({ ServiceType: uri.optional(), uriValue: uri })).optional(),
  }),
  ServiceHistory: some(historyInstance).optional(),
})
const entity = z.strictObject({
  TrustedEntityInformation: z.strictObject({
    TEName: text, TETradeName: text.optional(), TEAddress: z.strictObject({ TEPostalAddress: postal, TEElectronicAddress: uris }), TEInformationURI: uris,
    TEInformationExtensions: extensions.optional(),
  }),
  TrustedEntityServices: some(service),
})
const policies = z.union([some(z.strictObject({ LoTEPolicy: uris.element })), some(z.strictObject({ LoTELegalNotice: z.string() }))])

/** A list with explicit scheme information (clause 6.2.2): all that describes the scheme has to be there. */
export const explicitLoteSchema = z.strictObject({
  LoTE: z.strictObject({
    ListAndSchemeInformation: z.strictObject({
      LoTEVersionIdentifier: z.literal(1),
      LoTESequenceNumber: z.int().min(1),
      LoTEType: uri,
      SchemeOperatorName: text,
      SchemeOperatorAddress: z.strictObject({ SchemeOperatorPostalAddress: postal, SchemeOperatorElectronicAddress: uris }),
      SchemeName: text,
      SchemeInformationURI: uris,
      StatusDeterminationApproach: uri,
      SchemeTypeCommunityRules: uris,
      SchemeTerritory: country,
      PolicyOrLegalNotice: policies,
      HistoricalInformationPeriod: z.int().nonnegative().optional(),
      PointersToOtherLoTE: some(z.unknown()).optional(),
      ListIssueDateTime: dateTime,
      NextUpdate: dateTime,
      DistributionPoints: some(uri).optional(),
      SchemeExtensions: extensions.optional(),
    }),
    TrustedEntitiesList: some(entity).optional(),
  }),
})
