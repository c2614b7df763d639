import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Wallet } from 'ethers'
import type { Command, CommandGroup } from '../lib/command-line.ts'
import { keyOptions, openAccount, readPassword } from '../lib/key-file.ts'
import { UsageError } from '../lib/setup-error.ts'

const create: Command = {
  name: 'create',
  about: 'makes the key of an account, for a guardian, a recovery account or a new controller, and prints the account',
  options: {
    out: { value: 'FILE', about: 'where to write the key, for its owner alone', required: true },
    'password-file': { value: 'FILE', about: 'encrypts the key with this password, as a key store (JSON)' }
  },
  async run(input, print) {
    const out = input.text('out')
    const passwordFile = input.optional('password-file')
    const { privateKey, address } = Wallet.createRandom()
    const text = passwordFile === undefined ? privateKey : await new Wallet(privateKey).encrypt(readPassword(passwordFile))
    mkdirSync(dirname(out), { recursive: true, mode: 0o700 })
    try {
      writeFileSync(out, `${text}\n`, { mode: 0o600, flag: 'wx' })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw new UsageError(`There is a file ${out} already: it was left as it is.`, { cause })
      throw cause
    }
    print(address)
    print(`Its key is in ${out}. Keep a copy where this machine is not: nobody can make it again.`)
  }
}

const show: Command = {
  name: 'show',
  about: 'prints the account that a key file belongs to',
  options: keyOptions,
  async run(input, print, _stopped, ask) {
    const { address } = await openAccount({ file: input.text('key'), passwordFile: input.optional('password-file'), ask, print })
    print(address)
  }
}

/** `symbolon account …` */
export const accountCommands: CommandGroup = { name: 'account', about: 'keys of accounts that act by hand', commands: [create, show] }
