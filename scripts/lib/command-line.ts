import { parseArgs } from 'node:util'
import { SymbolonError } from '../../agent/errors.ts'
import { SetupError, UsageError } from './setup-error.ts'
import { bold, red } from './terminal.ts'

/** An option of a command: `--name VALUE`, or `--name` alone when it takes none. */
export interface CommandOption {
  /** What its value is, such as FILE; undefined: it takes none. */
  readonly value?: string
  readonly about: string
  readonly required?: boolean
  /** May be given several times. */
  readonly many?: boolean
  readonly standard?: string
}

/** What a command was called with, read by the names of its options. */
export class CommandInput {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  /** The value of an option that is required or has a standard value. */
  text(name: string): string {
    const value = this.#values[name]
    if (typeof value !== 'string') throw new UsageError(`--${name} is missing.`)
    return value
  }

  optional(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  list(name: string): readonly string[] {
    const value = this.#values[name]
    return Array.isArray(value) ? value.map(String) : []
  }

  flag(name: string): boolean {
    return this.#values[name] === true
  }

  /** @throws UsageError when the value is no whole number from `least` to `most` */
  number(name: string, least: number, most: number): number {
    const text = this.text(name)
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > most) throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}".`)
    return value
  }
}

export interface Command {
  readonly name: string
  readonly about: string
  readonly options: Readonly<Record<string, CommandOption>>
  /** Does it. `stopped` is aborted when the user wants an end; without `ask` there is nobody to ask. */
  run(input: CommandInput, print: (line: string) => void, stopped: AbortSignal, ask: Ask | undefined): Promise<void>
}

/** Asks whoever sits at the terminal; `hidden`: what is typed is not shown. */
export type Ask = (question: string, how?: { readonly hidden: boolean }) => Promise<string>

export interface CommandGroup {
  readonly name: string
  readonly about: string
  readonly commands: readonly Command[]
}

/**
 * Runs what the arguments name: `<group> <command> [--option value …]`. Resolves to the exit code: 0 done, 1 it could not be done, 2 it was
 * not understood.
 */
export async function runCommandLine(
  program: string,
  groups: readonly CommandGroup[],
  args: readonly string[],
  { print, complain, stopped, ask }: {
    readonly print: (line: string) => void
    readonly complain: (line: string) => void
    readonly stopped: AbortSignal
    readonly ask?: Ask | undefined
  }
): Promise<number> {
  const [groupName, commandName, ...rest] = args
  const group = groups.find(({ name }) => name === groupName)
  if (!group) return overview(groupName, print, complain, helpOfAll(program, groups), `There is no "${groupName ?? ''}".`)
  const command = group.commands.find(({ name }) => name === commandName)
  if (!command) return overview(commandName, print, complain, helpOfGroup(program, group), `There is no "${group.name} ${commandName ?? ''}".`)
  if (rest.some((arg) => arg === '--help' || arg === '-h')) {
    print(helpOf(program, group, command))
    return 0
  }
  let input
  try {
    input = parse(command, rest)
  } catch (error) {
    complain(`${red(error instanceof Error ? error.message : String(error))}\n\n${helpOf(program, group, command)}`)
    return 2
  }
  try {
    await command.run(input, print, stopped, ask)
    return 0
  } catch (error) {
    if (error instanceof UsageError) {
      complain(`${red(error.message)}\nWhat it takes: ${program} ${group.name} ${command.name} --help`)
      return 2
    }
    complain(red(sentenceOf(error)))
    return 1
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof SymbolonError) return `${error.message} (${error.code})`
  if (error instanceof SetupError) return error.message
  // What the system refuses names the file: "EACCES: permission denied, open '/etc/keys/porto.key'".
  if (error instanceof Error && 'syscall' in error) return error.message
  return `Unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

function overview(asked: string | undefined, print: (line: string) => void, complain: (line: string) => void, help: string, complaint: string): number {
  if (asked === undefined || asked === '--help' || asked === '-h' || asked === 'help') {
    print(help)
    return asked === undefined ? 2 : 0
  }
  complain(`${red(complaint)}\n\n${help}`)
  return 2
}

function parse(command: Command, args: readonly string[]): CommandInput {
  const options = Object.entries(command.options).map(([name, { value, many }]) => [name, { type: value === undefined ? 'boolean' : 'string', multiple: many ?? false } as const] as const)
  let values: Record<string, unknown>
  try {
    values = parseArgs({ args: [...args], options: Object.fromEntries(options), allowPositionals: false }).values
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message.split('. ')[0] : String(error)}.`, { cause: error })
  }
  for (const [name, { standard, required, many }] of Object.entries(command.options)) {
    if (values[name] === undefined && standard !== undefined) values[name] = standard
    if (required === true && (values[name] === undefined || (many === true && (values[name] as unknown[]).length === 0))) throw new UsageError(`--${name} is missing.`)
  }
  return new CommandInput(values)
}

function helpOfAll(program: string, groups: readonly CommandGroup[]): string {
  const lines = groups.flatMap((group) => [bold(group.name), ...group.commands.map((command) => `  ${`${group.name} ${command.name}`.padEnd(26)} ${command.about}`)])
  return [`${program} <what> <command> [--option value …]; --help after a command lists its options`, '', ...lines].join('\n')
}

function helpOfGroup(program: string, group: CommandGroup): string {
  return [`${program} ${group.name} <command>: ${group.about}`, '', ...group.commands.map((command) => `  ${command.name.padEnd(18)} ${command.about}`)].join('\n')
}

function helpOf(program: string, group: CommandGroup, command: Command): string {
  const lines = Object.entries(command.options).map(([name, option]) => {
    const marks = [option.required === true ? 'required' : undefined, option.many === true ? 'may be repeated' : undefined, option.standard === undefined ? undefined : `default ${option.standard}`]
    const kept = marks.filter((mark) => mark !== undefined)
    return `  ${`--${name}${option.value === undefined ? '' : ` ${option.value}`}`.padEnd(26)} ${option.about}${kept.length > 0 ? ` (${kept.join(', ')})` : ''}`
  })
  return [`${program} ${group.name} ${command.name}: ${command.about}`, '', ...lines].join('\n')
}
