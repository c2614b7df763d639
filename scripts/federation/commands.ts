import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { JsonRpcProvider } from 'ethers'
import { parseDeployment, readDeployment } from '../../chain/deployment.ts'
import { deploySymbolon } from '../deploy.ts'
import { replaceFile } from '../lib/atomic-file.ts'
import type { Command, CommandGroup, CommandOption } from '../lib/command-line.ts'
import { findStrayPowers, followDirectory } from '../lib/federation-powers.ts'
import { foundFederation } from '../lib/found-federation.ts'
import { readPrivateKey } from '../lib/key-file.ts'
import { SetupError } from '../lib/setup-error.ts'
import { readFoundingFile } from './founding-file.ts'
import { pause, pauses } from './pause.ts'

const rpcOption = { rpc: { value: 'URL', about: 'JSON-RPC of a node of the chain', required: true } } as const satisfies Record<string, CommandOption>

const found: Command = {
  name: 'found',
  about: 'deploys the contracts, admits the founding cities and hands everything over to them; run again, does what is still to do',
  options: {
    file: { value: 'FILE', about: 'the founding file: cities, guardian, parameters', required: true },
    ...rpcOption,
    'deployer-key': { value: 'FILE', about: 'private key of the account that deploys, worth nothing afterwards', required: true },
    out: { value: 'FILE', about: 'where to write the contracts’ addresses; the journal of the deployment goes beside it', standard: 'deployment.json' }
  },
  async run(input, print) {
    const plan = readFoundingFile(input.text('file'))
    const deployerPrivateKey = readPrivateKey(input.text('deployer-key'))
    const out = input.text('out')
    const rpcUrl = input.text('rpc')
    mkdirSync(dirname(out), { recursive: true })
    print('Deploying the contracts …')
    const deployed = await deploySymbolon({
      rpcUrl, deployerPrivateKey, deploymentDir: join(dirname(out), 'deployment-journal'), parameters: plan.parameters, onReset: 'fail'
    })
    replaceFile(out, `${JSON.stringify(deployed, null, 2)}\n`)
    print(`Founding the federation of ${plan.cities.map(({ name }) => name).join(', ')} …`)
    await foundFederation({ rpcUrl, deployerPrivateKey, deployment: parseDeployment(deployed), ...plan })
    print(`Founded. The cities decide by vote from now on, and the deployer holds nothing. Addresses: ${out}`)
    print(`Anyone can read it back: symbolon federation powers --deployment ${out} --rpc ${rpcUrl}`)
  }
}

const powers: Command = {
  name: 'powers',
  about: 'reads every owner and role from the chain, of the contracts that the Directory names now, and fails when anybody but the cities together holds one',
  options: { deployment: { value: 'FILE', about: 'where the contracts stand (deployment.json)', required: true }, ...rpcOption },
  async run(input, print) {
    const deployment = await readDeployment(input.text('deployment'))
    const provider = new JsonRpcProvider(input.text('rpc'), deployment.chainId, { staticNetwork: true })
    try {
      const now = await followDirectory(provider, deployment)
      for (const { name, target } of now.replaced) print(`${name} was ${target === undefined ? 'taken out of the Directory' : `replaced: it stands at ${target}`}.`)
      const strays = await findStrayPowers(provider, now.deployment)
      if (strays.length > 0) throw new SetupError(`Not as it should be:\n${strays.map((stray) => `  ${stray}`).join('\n')}`)
      print('Every contract belongs to the timelock, only votes of the federation reach it, and nothing waits in it.')
    } finally {
      provider.destroy()
    }
  }
}

/** `symbolon federation …` */
export const federationCommands: CommandGroup = { name: 'federation', about: 'founds a federation of cities, reads its powers back, pauses in an emergency', commands: [found, powers, pauses, pause] }
