import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { SymbolonError } from '../../agent/errors.ts'

export class ConfigError extends SymbolonError<'ERR_CONFIG_INVALID'> {}

const DEMO_KEK_PREFIX = 'demo:'

const originUrl = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''))
const locode = z.string().regex(/^[A-Z]{2}[A-Z2-9]{3}$/, 'a UN/LOCODE without the space, such as PTOPO')
const kek = z.string().regex(/^(demo:)?[A-Za-z0-9_-]{43}$/, '32 bytes, base64url')
const optionalText = z.string().trim().min(1).optional()

const environmentSchema = z.object({
  SYMBOLON_ENV: z.enum(['demo', 'production', 'test']),
  SYMBOLON_LOCODE: locode,
  SYMBOLON_CITY_NAME: z.string().trim().min(1).max(80),
  SYMBOLON_PUBLIC_URL: originUrl,
  SYMBOLON_HOST: z.string().default('127.0.0.1'),
  SYMBOLON_PORT: z.coerce.number().int().min(0).max(65535),
  SYMBOLON_TRUST_PROXY: z.coerce.number().int().min(0).max(8).default(0),
  SYMBOLON_DATA_DIR: optionalText,
  SYMBOLON_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  SYMBOLON_RPC_URL: z.url(),
  SYMBOLON_RPC_WITNESS_URL: z.url().optional(),
  SYMBOLON_DEPLOYMENT: z.string().min(1),
  SYMBOLON_KEK: kek.optional(),
  SYMBOLON_KEK_FILE: optionalText,
  SYMBOLON_STATUS_EPOCH_SECONDS: z.coerce.number().int().min(1).max(86_400).default(300),
  SYMBOLON_THEME: optionalText,
  SYMBOLON_WEB_DIR: z.string().default('web/dist'),
  SYMBOLON_RECOGNISE: z.string().default('').transform((value) => value.split(',').map((part) => part.trim()).filter(Boolean))
    .pipe(z.array(locode)),
  SYMBOLON_OIDC_ISSUER: z.url().optional(),
  SYMBOLON_OIDC_CLIENT_ID: optionalText,
  SYMBOLON_OIDC_CLIENT_SECRET: optionalText,
  SYMBOLON_OIDC_ROLES_CLAIM: z.string().default('roles'),
  SYMBOLON_DEMO_PASSWORDS: optionalText,
  SYMBOLON_DEMO_PROGRAM: optionalText,
  SYMBOLON_RATE_LIMIT_FACTOR: z.coerce.number().min(1).max(10_000).default(1),
  SYMBOLON_METRICS_TOKEN: optionalText,
  SYMBOLON_TLS_CERT: optionalText,
  SYMBOLON_TLS_KEY: optionalText,
  SYMBOLON_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
})

export interface OidcConfig {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly rolesClaim: string
  /** Whether a user name of the provider is surely that of the account this service opened under it. */
  readonly ownsLogins: boolean
}

export interface CityConfig {
  readonly env: 'demo' | 'production' | 'test'
  readonly locode: string
  readonly cityName: string
  /** Origin without a trailing slash. */
  readonly publicUrl: string
  readonly host: string
  readonly port: number
  readonly trustProxyHops: number
  readonly database: { readonly kind: 'postgres'; readonly url: string } | { readonly kind: 'pglite'; readonly folder: string }
  readonly rpcUrl: string
  /** A node run by somebody else, asked whether the first one tells the truth. */
  readonly rpcWitnessUrl: string | undefined
  readonly deploymentFile: string
  /** 32 bytes: wraps every other key of the city. */
  readonly keyEncryptionKey: Uint8Array
  readonly statusEpochSeconds: number
  readonly themeFile: string | undefined
  readonly webDir: string
  /** Cities whose cards this city recognises at first start. */
  readonly recognise: readonly string[]
  /** Undefined: the embedded provider (never in production). */
  readonly oidc: OidcConfig | undefined
  readonly demoPasswords: ReadonlyMap<string, string>
  /** Name of a programme to make at first start, with a merchant to try it on; demonstrations only. */
  readonly demoProgram: string | undefined
  /** Multiplies every rate limit: for benchmarks, and for places where many people share an address. */
  readonly rateLimitFactor: number
  readonly metricsToken: string | undefined
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  readonly logLevel: string
}

/**
 * Reads the city's configuration from `SYMBOLON_*` variables.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`, naming each variable that is wrong, never its value.
 */
export function parseConfig(environment: Record<string, string | undefined>): CityConfig {
  const parsed = environmentSchema.safeParse(environment)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigError('ERR_CONFIG_INVALID', `configuration is not valid: ${wrong.join('; ')}`)
  }
  const values = parsed.data
  const complaints: string[] = []
  const keyText = values.SYMBOLON_KEK ?? readKeyFile(values.SYMBOLON_KEK_FILE)
  const database = values.SYMBOLON_DATABASE_URL !== undefined
    ? { kind: 'postgres' as const, url: values.SYMBOLON_DATABASE_URL }
    : { kind: 'pglite' as const, folder: `${values.SYMBOLON_DATA_DIR ?? ''}/database` }
  if (database.kind === 'pglite' && values.SYMBOLON_DATA_DIR === undefined) {
    complaints.push('SYMBOLON_DATABASE_URL or SYMBOLON_DATA_DIR is needed')
  }
  if (values.SYMBOLON_OIDC_ISSUER !== undefined && values.SYMBOLON_OIDC_CLIENT_ID === undefined) {
    complaints.push('SYMBOLON_OIDC_CLIENT_ID is needed beside SYMBOLON_OIDC_ISSUER')
  }
  if ((values.SYMBOLON_TLS_CERT === undefined) !== (values.SYMBOLON_TLS_KEY === undefined)) {
    complaints.push('SYMBOLON_TLS_CERT and SYMBOLON_TLS_KEY go together')
  }
  if (values.SYMBOLON_ENV === 'production') {
    if (values.SYMBOLON_OIDC_ISSUER === undefined) complaints.push('production needs SYMBOLON_OIDC_ISSUER: the embedded provider is for demonstrations')
    else if (!values.SYMBOLON_OIDC_ISSUER.startsWith('https://')) complaints.push('production needs an https SYMBOLON_OIDC_ISSUER')
    if (keyText?.startsWith(DEMO_KEK_PREFIX)) complaints.push('production refuses a demonstration key in SYMBOLON_KEK')
    if (!values.SYMBOLON_PUBLIC_URL.startsWith('https://')) complaints.push('production needs an https SYMBOLON_PUBLIC_URL')
    if (values.SYMBOLON_METRICS_TOKEN === undefined) complaints.push('production needs SYMBOLON_METRICS_TOKEN: the figures of /metrics are not for everybody')
    if (values.SYMBOLON_DEMO_PASSWORDS !== undefined || values.SYMBOLON_DEMO_PROGRAM !== undefined) complaints.push('production refuses SYMBOLON_DEMO_PASSWORDS and SYMBOLON_DEMO_PROGRAM')
  }
  if (values.SYMBOLON_RPC_WITNESS_URL === values.SYMBOLON_RPC_URL) complaints.push('SYMBOLON_RPC_WITNESS_URL must be another node than SYMBOLON_RPC_URL')
  if (new URL(values.SYMBOLON_PUBLIC_URL).pathname !== '/') complaints.push('SYMBOLON_PUBLIC_URL must be an origin, without a path')
  if (keyText === undefined) complaints.push('SYMBOLON_KEK or SYMBOLON_KEK_FILE is needed')
  if (complaints.length > 0 || keyText === undefined) {
    throw new ConfigError('ERR_CONFIG_INVALID', `configuration is not valid: ${complaints.join('; ')}`)
  }
  return {
    env: values.SYMBOLON_ENV,
    locode: values.SYMBOLON_LOCODE,
    cityName: values.SYMBOLON_CITY_NAME,
    publicUrl: values.SYMBOLON_PUBLIC_URL,
    host: values.SYMBOLON_HOST,
    port: values.SYMBOLON_PORT,
    trustProxyHops: values.SYMBOLON_TRUST_PROXY,
    database,
    rpcUrl: values.SYMBOLON_RPC_URL,
    rpcWitnessUrl: values.SYMBOLON_RPC_WITNESS_URL,
    deploymentFile: values.SYMBOLON_DEPLOYMENT,
    keyEncryptionKey: new Uint8Array(Buffer.from(keyText.replace(DEMO_KEK_PREFIX, ''), 'base64url')),
    statusEpochSeconds: values.SYMBOLON_STATUS_EPOCH_SECONDS,
    themeFile: values.SYMBOLON_THEME,
    webDir: values.SYMBOLON_WEB_DIR,
    recognise: values.SYMBOLON_RECOGNISE,
    oidc: values.SYMBOLON_OIDC_ISSUER === undefined ? undefined : {
      issuer: values.SYMBOLON_OIDC_ISSUER,
      clientId: values.SYMBOLON_OIDC_CLIENT_ID ?? '',
      clientSecret: values.SYMBOLON_OIDC_CLIENT_SECRET,
      rolesClaim: values.SYMBOLON_OIDC_ROLES_CLAIM,
      ownsLogins: false,
    },
    demoPasswords: parsePasswords(values.SYMBOLON_DEMO_PASSWORDS),
    demoProgram: values.SYMBOLON_DEMO_PROGRAM,
    rateLimitFactor: values.SYMBOLON_RATE_LIMIT_FACTOR,
    metricsToken: values.SYMBOLON_METRICS_TOKEN,
    tls: values.SYMBOLON_TLS_CERT === undefined || values.SYMBOLON_TLS_KEY === undefined
      ? undefined
      : { certFile: values.SYMBOLON_TLS_CERT, keyFile: values.SYMBOLON_TLS_KEY },
    logLevel: values.SYMBOLON_LOG_LEVEL,
  }
}

function readKeyFile(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new ConfigError('ERR_CONFIG_INVALID', 'configuration is not valid: SYMBOLON_KEK_FILE cannot be read', { cause })
  }
  if (!kek.safeParse(text).success) {
    throw new ConfigError('ERR_CONFIG_INVALID', 'configuration is not valid: SYMBOLON_KEK_FILE must hold 32 bytes, base64url')
  }
  return text
}

function parsePasswords(text: string | undefined): ReadonlyMap<string, string> {
  const pairs = (text ?? '').split(',').filter(Boolean).map((pair) => {
    const [login, ...rest] = pair.split(':')
    return [login ?? '', rest.join(':')] as const
  })
  if (pairs.some(([login, password]) => login === '' || password.length < 8)) {
    throw new ConfigError('ERR_CONFIG_INVALID', 'configuration is not valid: SYMBOLON_DEMO_PASSWORDS reads login:password,login:password with 8 characters or more')
  }
  return new Map(pairs)
}
