import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { pathOf } from './files.ts'

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Whether the scripts of deploy/besu can run here: they are for GNU/Linux. */
export function canRunScripts(): boolean {
  return ['bash', 'tar', 'sha256sum', 'flock', 'openssl'].every((tool) => spawnSync(tool, [tool === 'openssl' ? 'version' : '--version']).status === 0)
}

/** A folder as an operator has it, and stubs of docker, kubectl, age and symbolon that record what they are asked. */
export class OperatorsDesk {
  readonly folder = mkdtempSync(join(tmpdir(), 'symbolon-desk-'))
  /** How "symbolon" is called. */
  symbolon = pathOf('test/deploy/stubs/symbolon')

  constructor() {
    for (const name of ['stub', 'stub/images', 'stub/stuck', 'site']) mkdirSync(this.at(name))
    this.note('running', '')
    this.note('services', '')
  }

  at(...parts: string[]): string {
    return join(this.folder, ...parts)
  }

  write(path: string, content: string, mode = 0o600): void {
    mkdirSync(dirname(this.at(path)), { recursive: true })
    writeFileSync(this.at(path), content, { mode })
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8')
  }

  /** Tells the stubs something, or (undefined) takes it back. */
  note(name: string, content: string | undefined): void {
    if (content === undefined) rmSync(this.at('stub', name))
    else writeFileSync(this.at('stub', name), content)
  }

  /** A running service of the compose project, with data that Besu left. */
  serve(name: string, image: string): void {
    this.note('services', `${this.read('stub/services')}${name}\n`)
    this.note('running', `${this.read('stub/running')}${name}\n`)
    this.note(join('images', name), image)
    this.write(`site/local/data/${name}/VERSION_METADATA.json`, `${image.split(':')[1] ?? ''}\n`)
  }

  /** What the stubs were asked, in order, as far as it matches: the first group of it, or all. */
  calls(pattern: RegExp): string[] {
    const lines = existsSync(this.at('stub', 'calls')) ? this.read('stub/calls').trim().split('\n') : []
    return lines.flatMap((line) => {
      const match = pattern.exec(line)
      return match ? [match[1] ?? match[0]] : []
    })
  }

  run(script: string, ...args: string[]): Outcome {
    const { status, stdout, stderr } = spawnSync('bash', [pathOf(join('deploy/besu', script)), ...args], { encoding: 'utf8', env: this.#env(), cwd: this.folder })
    return { status, stdout, stderr }
  }

  /** As `run`, while this process goes on: for scripts that ask a node of this process. */
  async start(script: string, ...args: string[]): Promise<Outcome> {
    const child = spawn('bash', [pathOf(join('deploy/besu', script)), ...args], { env: this.#env(), cwd: this.folder })
    const [stdout, stderr] = [child.stdout, child.stderr].map(async (stream) => {
      let text = ''
      for await (const chunk of stream) text += String(chunk)
      return text
    })
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { status, stdout: (await stdout) ?? '', stderr: (await stderr) ?? '' }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, STUB: this.at('stub'), SYMBOLON: this.symbolon, PATH: [this.at('stub', 'bin'), pathOf('test/deploy/stubs'), process.env['PATH']].join(delimiter) }
  }
}
