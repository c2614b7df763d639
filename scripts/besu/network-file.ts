import { parseDocument } from 'yaml'
import { parseNetwork, type Network, type NetworkNode } from '../../chain/permissioning/network.ts'
import { readIfThere, replaceFile } from '../lib/atomic-file.ts'
import { SetupError } from '../lib/setup-error.ts'

function readYaml(file: string): ReturnType<typeof parseDocument> {
  const text = readIfThere(file)
  if (text === undefined) throw new SetupError(`There is no network file ${file}: begin with a copy of deploy/besu/network.example.yaml.`)
  const document = parseDocument(text, { uniqueKeys: true })
  const [first] = document.errors
  if (first) throw new SetupError(`The network file ${file} is no YAML: ${first.message}`)
  return document
}

/**
 * Reads the federation's network file.
 *
 * @throws SetupError when it is not there or is no YAML
 * @throws PermissioningError `ERR_PERMISSIONING_NETWORK_INVALID`
 */
export function readNetwork(file: string): Network {
  return parseNetwork(readYaml(file).toJS({ maxAliasCount: 0 }))
}

/** @throws SetupError when the network has no node of that name */
export function nodeNamed(network: Network, name: string): NetworkNode {
  const node = network.nodes.find((candidate) => candidate.name === name)
  if (!node) throw new SetupError(`There is no node ${name} in the network file: it has ${network.nodes.map((candidate) => candidate.name).join(', ')}.`)
  return node
}

/** The nodes a network file names, before they have keys. */
export function nodesWithoutKey(file: string): readonly { readonly name: string; readonly publicKey?: string }[] {
  const value = readYaml(file).toJS({ maxAliasCount: 0 }) as { nodes?: { name?: unknown; publicKey?: unknown }[] } | null
  if (!Array.isArray(value?.nodes)) throw new SetupError(`The network file ${file} names no nodes.`)
  return value.nodes.map(({ name, publicKey }, index) => {
    if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new SetupError(`Node ${index + 1} of ${file} has no name of lower-case letters, digits and hyphens.`)
    return typeof publicKey === 'string' ? { name, publicKey } : { name }
  })
}

/** Enters public keys into a network file by the names of their nodes, and leaves everything else as it is, comments too. */
export function enterPublicKeys(file: string, keys: ReadonlyMap<string, string>): void {
  const document = readYaml(file)
  nodesWithoutKey(file).forEach(({ name }, index) => {
    const key = keys.get(name)
    if (key !== undefined) document.setIn(['nodes', index, 'publicKey'], key)
  })
  replaceFile(file, document.toString({ lineWidth: 0 }))
}
