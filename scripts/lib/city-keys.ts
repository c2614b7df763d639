import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SetupError } from './setup-error.ts'

export interface CityKeys {
  readonly did: string
  readonly controller: string
}

/** Asks a city's service for the public half of its keys, which it makes at the first call. */
export async function readCityKeys(root: string, env: NodeJS.ProcessEnv): Promise<CityKeys> {
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'api', 'cli', 'city-keys.ts')], { cwd: root, env }
    )
    const { did, controller } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as CityKeys
    return { did, controller }
  } catch (error) {
    const lines = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n') : []
    const said = lines.find((line) => line.includes('Error')) ?? lines.at(-1)
    throw new SetupError(`The data of a city could not be opened${said === undefined || said === '' ? '' : ` (${said})`}: restore the data folder from a backup, or begin anew with --fresh.`, {
      cause: error
    })
  }
}
