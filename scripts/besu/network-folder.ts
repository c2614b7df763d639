import { join } from 'node:path'
import type { AllowLists } from '../../chain/permissioning/allow-lists.ts'
import { parsePermissions, permissionsFile, renderNodeConfig, renderPermissions, renderStaticNodes, staticNodesFile } from '../../chain/permissioning/files.ts'
import { createGenesis } from '../../chain/permissioning/genesis.ts'
import type { Network } from '../../chain/permissioning/network.ts'
import { readIfThere, replaceFile } from '../lib/atomic-file.ts'
import { SetupError } from '../lib/setup-error.ts'

/**
 * Replaces permissions file and static nodes where they are not those of the lists. In an order in which a node that starts
 * half way finds no static node that is not allowed: Besu would not start. `replace` replaces one file.
 */
export function writeAllowLists(folder: string, lists: AllowLists, replace: typeof replaceFile = replaceFile): readonly string[] {
  const permissions = join(folder, permissionsFile)
  const staticNodes = join(folder, staticNodesFile)
  const allowed = new Set(parsePermissions(readIfThere(permissions) ?? '')?.enodes)
  const wanted = lists.nodes.map((node) => node.enode)
  const before = readIfThere(staticNodes)
  if (before !== renderStaticNodes(wanted)) replace(staticNodes, renderStaticNodes(wanted.filter((enode) => allowed.has(enode))))
  const isReplaced = replace(permissions, renderPermissions(lists))
  replace(staticNodes, renderStaticNodes(wanted))
  return [...(isReplaced ? [permissionsFile] : []), ...(before === renderStaticNodes(wanted) ? [] : [staticNodesFile])]
}

/**
 * Writes what does not follow the membership: the first block, and a configuration file for each node. Resolves to the names of the files
 * that were replaced.
 *
 * @throws SetupError when the folder has another first block: every node that has one already would have to begin anew
 */
export function writeNetworkFolder(folder: string, network: Network): readonly string[] {
  const genesis = `${JSON.stringify(createGenesis(network), undefined, 2)}\n`
  const genesisFile = join('network', 'genesis.json')
  const before = readIfThere(join(folder, genesisFile))
  if (before !== undefined && before !== genesis) {
    throw new SetupError(
      `The network file asks for another first block than ${join(folder, genesisFile)}: a chain keeps its first block for ever. Take back the change of ` +
        'chain or founding validators (a validator that comes later is voted in: symbolon besu add-validator), or begin a new network in an empty folder.'
    )
  }
  const files: [string, string][] = [
    [genesisFile, genesis],
    ...network.nodes.map((node): [string, string] => [join('config', `${node.name}.toml`), renderNodeConfig(network, node)])
  ]
  return files.filter(([name, content]) => replaceFile(join(folder, name), content)).map(([name]) => name)
}
