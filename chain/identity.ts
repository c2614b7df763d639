import type { Kysely } from 'kysely'
import type { Deployment } from './deployment.ts'
import { ChainError } from './errors.ts'
import { fetchHeader, type ChainProvider } from './rpc.ts'
import { toNumber } from './columns.ts'
import type { ChainTables } from './tables.ts'

/** Raised whenever the index holds more, or something else, of the same events: then it is read anew. */
const indexVersion = 4

const advice =
  'Point SYMBOLON_RPC_URL at the chain this database belongs to, or restore that chain’s data, ' +
  'or begin anew with an empty database and a new deployment.'

/**
 * Makes sure the node serves the chain that this database knows, with our contracts on it; remembers the chain
 * when the database knows none yet. A transaction to an address without code would succeed and do nothing.
 *
 * @throws ChainError `ERR_CHAIN_MISMATCH`, `ERR_CHAIN_UNREACHABLE`
 */
export async function verifyChainIdentity(
  db: Kysely<ChainTables>,
  provider: ChainProvider,
  deployment: Deployment
): Promise<void> {
  const [chainId, genesis] = await Promise.all([provider.send('eth_chainId', []), fetchHeader(provider, 0)])
  if (Number(chainId) !== deployment.chainId) {
    throw mismatch(`the node serves chain ${Number(chainId)}, the deployment is on chain ${deployment.chainId}`)
  }
  if (!genesis) throw mismatch('the node does not know its first block')
  const known = await rememberChain(db, deployment, genesis.hash)
  if (toNumber(known.chain_id) !== deployment.chainId || known.genesis_hash !== genesis.hash) {
    throw mismatch('the node serves another chain (its first block differs)')
  }
  const contracts = Object.entries(deployment.contracts)
  const codes = await Promise.all(contracts.map(([, address]) => provider.send('eth_getCode', [address, 'latest'])))
  codes.forEach((code, index) => {
    if (code === '0x') throw mismatch(`there is no ${contracts[index]?.[0]} at ${contracts[index]?.[1]} on this chain`)
  })
}

async function rememberChain(db: Kysely<ChainTables>, deployment: Deployment, genesisHash: string) {
  const read = () => db.selectFrom('chain_identity').selectAll().executeTakeFirst()
  const known = await read()
  if (known) return known
  await db
    .insertInto('chain_identity')
    .values({ id: 1, chain_id: deployment.chainId, genesis_hash: genesisHash, contracts: fingerprintOf(deployment) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await read()) ?? { chain_id: deployment.chainId, genesis_hash: genesisHash }
}

/** What an index was built from: the same text for the same contracts from the same block on. */
export function fingerprintOf(deployment: Deployment): string {
  const contracts = Object.entries(deployment.contracts).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([indexVersion, deployment.deployedAtBlock, contracts])
}

function mismatch(reason: string): ChainError {
  return new ChainError('ERR_CHAIN_MISMATCH', `${reason}. ${advice}`)
}
