import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Service, type ServiceOptions } from '../../scripts/lib/service.ts'
import { SetupError } from '../../scripts/lib/setup-error.ts'

describe('a supervised service', () => {
  let folder: string
  let service: Service | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'symbolon-service-'))
  })
  afterEach(async () => {
    await service?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const log = (): string => {
    const file = join(folder, 'logs', 'service.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  function create(code: string, more: Partial<ServiceOptions> = {}): Service {
    service = new Service({
      name: 'Testville',
      command: [process.execPath, '-e', code],
      cwd: folder,
      env: process.env,
      logFile: join(folder, 'logs', 'service.log'),
      isReady: () => Promise.resolve(true),
      readyWithinMs: 5000,
      onRestart: () => {},
      onGivenUp: () => {},
      ...more
    })
    return service
  }

  it('is started again after SIGKILL', async () => {
    const restarted = new Promise<string>((resolve) => create('setInterval(() => {}, 1000)', { onRestart: resolve }))
    await service?.start()
    const first = service?.pid
    process.kill(first ?? 0, 'SIGKILL')
    expect(await restarted).to.equal('SIGKILL')
    while (service?.pid === first) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(service?.pid).to.be.a('number')
  })

  it('that stops while starting fails with its last words and the place of its log', async () => {
    create("console.error('the database is damaged'); process.exit(3)", { isReady: () => Promise.resolve(false) })
    const refusal = await service?.start().then(() => undefined, (error: unknown) => error)
    expect(refusal).to.be.instanceOf(SetupError)
    expect((refusal as Error).message).to.match(/Testville stopped while starting \(exit code 3\)\. It said: the database is damaged The whole log is in .*service\.log/)
  })

  it('is started again however often it is killed, as long as it was well in between', async () => {
    let restarts = 0
    create('setInterval(() => {}, 1000)', { onRestart: () => { restarts += 1 }, onGivenUp: () => { restarts = -100 } })
    await service?.start()
    for (let kill = 1; kill <= 6; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1100))
      const pid = service?.pid
      process.kill(pid ?? 0, 'SIGKILL')
      while (service?.pid === pid) await new Promise((resolve) => setTimeout(resolve, 20))
      expect(restarts).to.equal(kill)
    }
  }).timeout(30_000)

  it('that dies again and again at once is given up', async () => {
    const givenUp = new Promise<SetupError>((resolve) => create('setTimeout(() => process.exit(1), 20)', { onGivenUp: resolve }))
    await service?.start()
    expect((await givenUp).message).to.match(/keeps stopping|stopped while starting/)
  }).timeout(30_000)

  it('that says its configuration is wrong is given up at once', async () => {
    const givenUp = new Promise<SetupError>((resolve) => create('setTimeout(() => process.exit(78), 50)', { onGivenUp: resolve }))
    await service?.start()
    expect((await givenUp).message).to.match(/keeps stopping \(exit code 78\)/)
  })

  it('is stopped by a polite signal and its output kept', async () => {
    create("process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); console.log('hello'); setInterval(() => {}, 1000)", {
      isReady: () => Promise.resolve(log().includes('hello'))
    })
    await service?.start()
    await service?.stop()
    expect(log()).to.match(/hello\nbye/)
  })
})
