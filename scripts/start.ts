import { join } from 'node:path'
import { demoCities } from './lib/cities.ts'
import { DemoNetwork } from './lib/demo-network.ts'
import { openDataFolder } from './lib/data-folder.ts'
import { requireFreePorts } from './lib/ports.ts'
import { explain } from './lib/setup-error.ts'
import { parseStartOptions, startHelp } from './lib/start-options.ts'
import { bold, dim, print, red } from './lib/terminal.ts'

const root = join(import.meta.dirname, '..')

function printTable(network: DemoNetwork): void {
  print()
  for (const { city, publicUrl, passwords } of network.cities) {
    print(`  ${bold(city.name)}`)
    for (const [app, what] of [
      ['wallet', 'the resident’s wallet'],
      ['staff', `enrol, propose, vote      officer  ${passwords.get('officer') ?? ''}`],
      ['', `approve, read the record  councillor  ${passwords.get('councillor') ?? ''}`],
      ['verifier', `check a card              gate     ${passwords.get('gate') ?? ''}`],
      ['merchant', `take points               cafe     ${passwords.get('cafe') ?? ''}`],
      ['public', 'what cities agree on, for everybody'],
      ['docs', 'the HTTP API']
    ] as const) {
      const address = app === '' ? '' : `${publicUrl}/${app}${app === 'docs' ? '' : '/'}`
      print(`    ${address.padEnd(34)} ${what}`)
    }
    print()
  }
  print(`  The chain       ${network.rpcUrl}`)
  print(`  Data and logs   ${network.dataDir}`)
  if (network.authorityFile !== undefined) print(`  To trust https  import ${network.authorityFile} into your browser`)
  const [porto, clermont] = network.cities
  print(`
  ${bold('Try first')}
    1. Enrol somebody at ${porto?.publicUrl ?? ''}/staff/ and offer the card.
    2. Open the offer’s wallet link and enter the transaction code.
    3. Ask for “over 18” at ${clermont?.publicUrl ?? ''}/verifier/ and answer from the wallet.
    4. Award points at Porto, pay at the café, then revoke the card and verify again.
    5. Propose something under “Federation” in the staff app, and let both cities vote.
    6. Count again what ${porto?.city.name ?? ''} publishes, from the chain alone:
       npm run recompute -- --rpc ${network.rpcUrl} --directory ${network.directory ?? ''} --service ${porto?.publicUrl ?? ''}

  ${dim('Ctrl-C stops everything; npm start finds it all again.')}
`)
}

async function main(): Promise<void> {
  const options = parseStartOptions(process.argv.slice(2), root)
  if (options.help) {
    print(startHelp)
    return
  }
  // The chain sees to its own port: what a killed start left there is its own, and is ended.
  await requireFreePorts(options.port, demoCities.length)
  const folder = openDataFolder(options.dataDir, options.fresh)
  const network = new DemoNetwork(root, options)

  let end: (error?: unknown) => void = () => {}
  const ended = new Promise<unknown>((resolve) => {
    end = resolve
  })
  let signalled = 0
  const onSignal = (): void => {
    signalled += 1
    if (signalled === 1) end()
    else print('  Still stopping: chain and databases are being saved …')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  print(`\n${bold('Symbolon')} — two cities on one chain\n`)
  let failure: unknown
  try {
    await Promise.race([network.start(end), ended])
    if (signalled === 0) printTable(network)
    failure = await ended
  } catch (error) {
    failure = error
  }
  if (failure === undefined) print('\n  Stopping …')
  await network.stop()
  folder.release()
  if (failure !== undefined) throw failure
  print('  Stopped. Everything is kept for the next start.')
}

try {
  await main()
  process.exit()
} catch (error) {
  const sentence = explain(error)
  process.stderr.write(`\n${red(sentence ?? 'Symbolon could not go on because of an unexpected error:')}\n`)
  if (sentence === undefined) process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(1)
}
