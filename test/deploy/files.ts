import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const root = join(import.meta.dirname, '..', '..')

/** Where a file of the repository is. */
export function pathOf(path: string): string {
  return join(root, path)
}

export function read(path: string): string {
  return readFileSync(pathOf(path), 'utf8')
}

/** The documents of a YAML file of the repository; throws on anything that is not strict YAML, and on a key given twice. */
export function readYaml<T>(path: string): T[] {
  return parseAllDocuments(read(path), { merge: true, uniqueKeys: true, strict: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings]
    if (problem) throw new Error(`${path}: ${problem.message}`)
    return document.toJS() as T
  })
}

/** Every file below a folder of the repository, as paths from its root. */
export function filesBelow(folder: string): string[] {
  return readdirSync(pathOf(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}
