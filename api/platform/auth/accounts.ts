import { randomBytes, randomUUID, scrypt as scryptCallback, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import type { Db } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Role } from '../route.ts'
import type { Secrets } from '../secrets.ts'

const scrypt = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scryptCallback)

// OWASP Password Storage: scrypt with N=2^16, r=8, p=2 needs 64 MiB.
const COST = { N: 65_536, r: 8, p: 2, maxmem: 128 * 1024 * 1024 } as const
const FAILURES_ALLOWED = 10
const FAILURE_WINDOW_MS = 5 * 60_000

export interface Account {
  readonly accountId: string
  readonly login: string
  readonly name: string
  readonly roles: readonly Role[]
}

export interface Accounts {
  /** Creates an account or, with `replace`, gives it this password. @throws ApiError `ERR_LOGIN_TAKEN` */
  create(account: Omit<Account, 'accountId'>, password: string, options?: { readonly replace?: boolean }): Promise<Account>
  /** Creates an account with a random password, which is told this once. @throws ApiError `ERR_LOGIN_TAKEN` */
  createWithFirstPassword(account: Omit<Account, 'accountId'>): Promise<string>
  /** @throws ApiError `ERR_RATE_LIMITED` after too many failures with one login */
  verifyPassword(login: string, password: string): Promise<Account | undefined>
  find(accountId: string): Promise<Account | undefined>
}

/** Accounts of the embedded provider. Logins and names are sealed, passwords hashed with scrypt. */
export function createAccounts(db: Db, secrets: Secrets, clock: () => Date): Accounts {
  const indexOf = (login: string): string => secrets.blindIndex('login', login.trim().toLowerCase())
  const place = (accountId: string): string => `platform_accounts.details:${accountId}`
  const failures = new Map<string, { count: number; untilMs: number }>()

  const read = (row: { account_id: string; details_sealed: Uint8Array; roles: string }): Account => {
    const details = JSON.parse(secrets.openText('accounts', place(row.account_id), row.details_sealed)) as { login: string; name: string }
    return { accountId: row.account_id, ...details, roles: row.roles.split(' ').filter(Boolean) as Role[] }
  }
  const findByLogin = async (login: string) =>
    await db.selectFrom('platform_accounts').selectAll().where('login_index', '=', indexOf(login)).executeTakeFirst()

  const accounts: Accounts = {
    async create(account, password, { replace = false } = {}) {
      const known = await findByLogin(account.login)
      if (known !== undefined && !replace) throw new ApiError('ERR_LOGIN_TAKEN')
      if (known !== undefined && isSame(read(known), account) && await matches(password, known.password_hash)) return read(known)
      const accountId = known?.account_id ?? randomUUID()
      const values = {
        account_id: accountId,
        details_sealed: secrets.seal('accounts', place(accountId), JSON.stringify({ login: account.login, name: account.name })),
        password_hash: await hashPassword(password),
        roles: account.roles.join(' '),
      }
      const written = await db.insertInto('platform_accounts').values({ login_index: indexOf(account.login), ...values })
        .onConflict((conflict) => (replace ? conflict.column('login_index').doUpdateSet(values) : conflict.column('login_index').doNothing()))
        .returning('account_id').executeTakeFirst()
      if (written === undefined) throw new ApiError('ERR_LOGIN_TAKEN')
      return { accountId, ...account }
    },
    async verifyPassword(login, password) {
      const index = indexOf(login)
      const nowMs = clock().getTime()
      const failed = failures.get(index)
      if (failed !== undefined && failed.untilMs > nowMs && failed.count >= FAILURES_ALLOWED) throw new ApiError('ERR_RATE_LIMITED')
      const row = await findByLogin(login)
      // An unknown login costs as much time as a wrong password.
      const right = await matches(password, row?.password_hash ?? await unknownHash())
      if (row !== undefined && right) {
        failures.delete(index)
        return read(row)
      }
      if (failures.size > 10_000) failures.clear()
      const open = failed !== undefined && failed.untilMs > nowMs
      failures.set(index, { count: open ? failed.count + 1 : 1, untilMs: open ? failed.untilMs : nowMs + FAILURE_WINDOW_MS })
      return undefined
    },
    async find(accountId) {
      const row = await db.selectFrom('platform_accounts').selectAll().where('account_id', '=', accountId).executeTakeFirst()
      return row === undefined ? undefined : read(row)
    },
    async createWithFirstPassword(account) {
      const password = randomBytes(12).toString('base64url')
      await accounts.create(account, password)
      return password
    },
  }
  return accounts
}

function isSame(known: Account, wanted: Omit<Account, 'accountId'>): boolean {
  return known.login === wanted.login && known.name === wanted.name && known.roles.join(' ') === wanted.roles.join(' ')
}

let unknown: Promise<string> | undefined
async function unknownHash(): Promise<string> {
  unknown ??= hashPassword(randomBytes(16).toString('hex'))
  return await unknown
}

async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await scrypt(password.normalize('NFC'), salt, 32, COST)
  return `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

async function matches(password: string, stored: string): Promise<boolean> {
  const [, salt = '', expected = ''] = stored.split('$')
  const hash = await scrypt(password.normalize('NFC'), Buffer.from(salt, 'base64url'), 32, COST)
  const wanted = Buffer.from(expected, 'base64url')
  return wanted.length === hash.length && timingSafeEqual(wanted, hash)
}
