import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isAddress } from 'ethers'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { readIfThere } from '../lib/atomic-file.ts'
import { productionParameters, type FederationParameters } from '../lib/federation-parameters.ts'
import type { FoundingCity } from '../lib/found-federation.ts'
import { SetupError } from '../lib/setup-error.ts'

/** What the founding cities agreed on. */
export interface FoundingPlan {
  readonly guardian: string
  readonly parameters: FederationParameters
  readonly cities: readonly FoundingCity[]
}

const address = z.string().refine((text) => isAddress(text), 'an account: 0x and 40 hexadecimal digits')
const seconds = (most: number) => z.int().min(0).max(most)
const DAY = 86_400
const document = z.string().min(1).describe('a file beside this one, or 0x and its SHA-256')

const foundingSchema = z.strictObject({
  guardian: address,
  parameters: z.strictObject({
    votingDelaySeconds: seconds(30 * DAY), votingPeriodSeconds: seconds(90 * DAY), quorumPercent: z.int().min(1).max(100),
    timelockDelaySeconds: seconds(30 * DAY), rotationDelaySeconds: seconds(30 * DAY),
  }).partial().default({}),
  cities: z.array(z.strictObject({
    locode: z.string().regex(/^[A-Z]{2}[A-Z2-9]{3}$/, 'a UN/LOCODE such as PTOPO'),
    name: z.string().min(1), did: z.string().startsWith('did:'), controller: address, recovery: address,
    serviceUrl: z.url({ protocol: /^https?$/ }), agreement: document, dpia: document,
  })).min(1),
})

/**
 * Reads what is to be founded. Documents are hashed where they lie and never leave the machine; parameters that are not
 * named are those for production.
 *
 * @throws SetupError naming each field that is wrong
 */
export function readFoundingFile(file: string): FoundingPlan {
  const text = readIfThere(file)
  if (text === undefined) throw new SetupError(`There is no founding file ${file}: begin with a copy of deploy/founding.example.yaml.`)
  const yaml = parseDocument(text, { uniqueKeys: true })
  const [first] = yaml.errors
  if (first) throw new SetupError(`The founding file ${file} is no YAML: ${first.message}`)
  const parsed = foundingSchema.safeParse(yaml.toJS({ maxAliasCount: 0 }))
  if (!parsed.success) {
    throw new SetupError(`The founding file ${file} is not valid: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`)
  }
  const { guardian, parameters, cities } = parsed.data
  return {
    guardian,
    parameters: { ...productionParameters, ...withoutGaps(parameters) },
    cities: cities.map(({ agreement, dpia, ...city }) => ({ ...city, agreementHash: hashOf(agreement, file), dpiaHash: hashOf(dpia, file) })),
  }
}

function withoutGaps(parameters: z.output<typeof foundingSchema>['parameters']): Partial<FederationParameters> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined))
}

function hashOf(documentName: string, foundingFile: string): string {
  if (/^0x[0-9a-f]{64}$/i.test(documentName)) return documentName.toLowerCase()
  const path = resolve(dirname(foundingFile), documentName)
  try {
    return `0x${createHash('sha256').update(readFileSync(path)).digest('hex')}`
  } catch (cause) {
    throw new SetupError(`The document ${path} cannot be read: name a file beside ${foundingFile}, or 0x and its SHA-256.`, { cause })
  }
}
