import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { budgetBytes, buildWeb, hashInputs, measureJavaScript } from '../../web/build.ts'
import { webApps } from '../../web/vite.config.ts'

describe('web build', () => {
  it('builds all five apps within the budget, without anything a strict content security policy forbids', async function () {
    this.timeout(120_000)
    const built = await buildWeb()
    expect(built.map(({ app }) => app)).to.deep.equal([...webApps])
    for (const { app, folder, gzipBytes } of built) {
      expect(gzipBytes, app).to.be.within(10_000, budgetBytes)
      expect(await measureJavaScript(folder), app).to.equal(gzipBytes)
      const page = await readFile(join(folder, 'index.html'), 'utf8')
      expect(page, app).not.to.match(/<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=/i)
      expect(page, app).to.contain('href="/theme.css"')
      expect(page, app).to.contain('id="react-aria-pressable-style"')
    }
  })

  describe('in a folder of its own', () => {
    let folder = ''
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'symbolon-web-'))
      await mkdir(join(folder, 'web', 'wallet'), { recursive: true })
      await writeFile(join(folder, 'web', 'wallet', 'main.tsx'), 'one')
    })
    afterEach(() => rm(folder, { recursive: true }))

    it('notices when an input changes, appears or is renamed', async () => {
      const hashes = [await hashInputs('wallet', folder)]
      expect(await hashInputs('wallet', folder)).to.equal(hashes[0])
      await writeFile(join(folder, 'web', 'wallet', 'main.tsx'), 'two')
      hashes.push(await hashInputs('wallet', folder))
      await mkdir(join(folder, 'agent', 'notes'), { recursive: true })
      await writeFile(join(folder, 'agent', 'notes', 'fdh.ts'), '')
      hashes.push(await hashInputs('wallet', folder))
      await rm(join(folder, 'agent', 'notes', 'fdh.ts'))
      await writeFile(join(folder, 'agent', 'notes', 'other.ts'), '')
      hashes.push(await hashInputs('wallet', folder))
      expect(new Set(hashes).size).to.equal(4)
    })

    it('does not build an app again for a change in another', async () => {
      const hash = await hashInputs('wallet', folder)
      await mkdir(join(folder, 'web', 'staff'))
      await writeFile(join(folder, 'web', 'staff', 'main.tsx'), '')
      expect(await hashInputs('wallet', folder)).to.equal(hash)
    })

    it('counts JavaScript that is loaded later too, and nothing else', async () => {
      await mkdir(join(folder, 'assets'))
      await writeFile(join(folder, 'a.js'), 'alert(1)')
      await writeFile(join(folder, 'assets', 'b.js'), 'alert(2)')
      await writeFile(join(folder, 'style.css'), 'body{}')
      const expected = ['alert(1)', 'alert(2)'].reduce((sum, text) => sum + gzipSync(text, { level: 9 }).byteLength, 0)
      expect(await measureJavaScript(folder)).to.equal(expected)
    })
  })
})
