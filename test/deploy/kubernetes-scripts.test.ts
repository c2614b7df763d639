import { expect } from 'chai'
import { parseAllDocuments } from 'yaml'
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import { canRunScripts, OperatorsDesk, type Outcome } from './operators-desk.ts'

const former = 'hyperledger/besu:26.3.0'
const newer = 'hyperledger/besu:26.4.0'

describe('deploy/besu/kubernetes', function () {
  this.timeout(60_000)
  let desk: OperatorsDesk
  const sets = (ready = 4): string => `validator\tvalidator\t4\t${ready}\t${former}\nmember\tporto\t1\t1\t${former}\nmember\tclermont\t1\t1\t${former}\n`
  const changes = () => desk.calls(/^kubectl --namespace symbolon-chain ((?:set|scale|delete|create|rollout undo|patch) .*)$/)
  const created = () => parseAllDocuments(desk.read('stub/created')).map((document) => document.toJS() as PersistentVolumeClaim & { spec: { volumeSnapshotClassName?: string; source?: object } })

  before(function () {
    if (!canRunScripts()) this.skip()
  })
  beforeEach(() => {
    desk = new OperatorsDesk()
    desk.note('sets', sets())
  })
  afterEach(() => desk.remove())

  describe('upgrade.sh', () => {
    const upgrade = (...more: string[]): Outcome => desk.run('kubernetes/upgrade.sh', '--image', newer, ...more)

    it('rolls members out first, each set once the one before is ready, and says what to enter', () => {
      const { status, stdout, stderr } = upgrade()
      expect(status, stderr).to.equal(0)
      const steps = desk.calls(/^kubectl --namespace symbolon-chain ((?:set image|rollout status) \S+)/)
      expect(steps).to.deep.equal(['clermont', 'porto', 'validator'].flatMap((name) => [`set image statefulset/${name}`, `rollout status statefulset/${name}`]))
      expect(changes()[0]).to.equal(`set image statefulset/clermont besu=${newer} first-lists=${newer}`)
      expect(stdout).to.match(/images: \[\{ name: hyperledger\/besu, newName: hyperledger\/besu, newTag: 26\.4\.0 \}\]/)
    })

    it('gives a digest on where there is one', () => {
      const digest = `sha256:${'a'.repeat(64)}`
      expect(desk.run('kubernetes/upgrade.sh', '--image', `registry.example:5000/besu:26.4.0@${digest}`).stdout).to.include(`newName: registry.example:5000/besu, newTag: 26.4.0, digest: ${digest} }]`)
    })

    it('goes back and stops when a set does not become ready, and replaces the pod that hangs', () => {
      desk.note('stuck/porto', `${newer}\n`)
      desk.note('pods', 'pod/porto-0 False\n')
      const { status, stderr } = upgrade()
      expect(status).to.equal(1)
      expect(stderr).to.match(/porto does not become ready with .*26\.4\.0[\s\S]*porto runs hyperledger\/besu:26\.3\.0 again/)
      expect(changes()).to.deep.equal([
        `set image statefulset/clermont besu=${newer} first-lists=${newer}`, `set image statefulset/porto besu=${newer} first-lists=${newer}`,
        'rollout undo statefulset/porto', 'delete pod/porto-0 --wait=false'
      ])
    })

    it('says what is left to do when the former image does not come back', () => {
      desk.note('stuck/clermont', `${newer}\n${former}\n`)
      const { status, stderr } = upgrade()
      expect(status).to.equal(1)
      expect(stderr).to.match(/does not come back with hyperledger\/besu:26\.3\.0\. If its log says that the version is lower.*restore\.sh/)
    })

    it('begins only when every pod is ready, with a version that is newer', () => {
      desk.note('sets', sets(3))
      expect(upgrade().stderr).to.match(/validator has 3 of 4 pods ready/)
      desk.note('sets', sets())
      expect(desk.run('kubernetes/upgrade.sh', '--image', 'hyperledger/besu:26.2.0').stderr).to.match(/an older Besu cannot read its data/)
      expect(desk.run('kubernetes/upgrade.sh', '--image', 'hyperledger/besu').status).to.equal(2)
      desk.note('sets', '\tother\t1\t1\tx\n')
      expect(upgrade().stderr).to.match(/does not say whether it is a member or a validator/)
      expect(changes()).to.deep.equal([])
    })

    it('changes nothing with --dry-run', () => {
      const { status, stdout } = upgrade('--dry-run')
      expect(status).to.equal(0)
      expect(stdout).to.match(/would run: kubectl --namespace symbolon-chain set image statefulset\/validator/)
      expect(changes()).to.deep.equal([])
    })
  })

  describe('snapshots/snapshot.sh', () => {
    const snapshot = (...more: string[]): Outcome => desk.run('kubernetes/snapshots/snapshot.sh', '--node', 'porto', ...more)

    it('takes it while the node is stopped, starts the node again, and deletes the oldest', () => {
      desk.note('snapshots', [1, 2, 3].map((number) => `volumesnapshot.snapshot.storage.k8s.io/porto-${number}\n`).join(''))
      const { status, stderr } = snapshot('--class', 'csi', '--keep', '2')
      expect(status, stderr).to.equal(0)
      const steps = desk.calls(/^kubectl --namespace symbolon-chain ((?:scale|wait|create|rollout|delete) .*)$/).map((step) => step.replace(/porto-2\d{7}t\d{6}z/, 'NEW'))
      expect(steps).to.deep.equal([
        'scale statefulset porto --replicas=0', 'wait --for=delete pod/porto-0 --timeout=15m', 'create --filename -',
        'wait --for=jsonpath={.status.readyToUse}=true volumesnapshot/NEW --timeout=15m', 'scale statefulset porto --replicas=1',
        'rollout status statefulset/porto --timeout=15m', 'delete volumesnapshot.snapshot.storage.k8s.io/porto-1'
      ])
      const [manifest] = created()
      expect(manifest).to.deep.include({ apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot', spec: { volumeSnapshotClassName: 'csi', source: { persistentVolumeClaimName: 'data-porto-0' } } })
      expect(manifest?.metadata?.labels).to.deep.equal({ 'app.kubernetes.io/name': 'besu', 'app.kubernetes.io/instance': 'porto' })
    })

    it('starts the node again when it fails, and deletes nothing', () => {
      desk.note('not-ready', '')
      desk.note('snapshots', 'volumesnapshot/porto-1\n'.repeat(9))
      expect(snapshot().status).to.equal(1)
      expect(changes().at(-1)).to.equal('scale statefulset porto --replicas=1')
      expect(created()[0]?.spec).to.deep.equal({ source: { persistentVolumeClaimName: 'data-porto-0' } })
    })

    it('stops no validator, and no node that somebody else stopped', () => {
      expect(desk.run('kubernetes/snapshots/snapshot.sh', '--node', 'validator').stderr).to.match(/is no member node/)
      desk.note('sets', sets().replace('porto\t1', 'porto\t0'))
      expect(snapshot().stderr).to.match(/porto has 0 replicas, not 1/)
      expect(desk.run('kubernetes/snapshots/snapshot.sh').status).to.equal(2)
      expect(changes()).to.deep.equal([])
    })
  })

  describe('restore.sh', () => {
    const restore = (pod: string, ...more: string[]): Outcome => desk.run('kubernetes/restore.sh', '--pod', pod, '--snapshot', 'porto-1', ...more)

    it('replaces the claim by one from the snapshot while the pod is away, and keeps the volume it had', () => {
      const { status, stdout, stderr } = restore('validator-3')
      expect(status, stderr).to.equal(0)
      const steps = desk.calls(/^kubectl (?:--namespace symbolon-chain )?((?:patch|scale|wait|delete|create|rollout) .*)$/)
      expect(steps).to.deep.equal([
        'patch persistentvolume pv-7 --patch {"spec":{"persistentVolumeReclaimPolicy":"Retain"}}', 'scale statefulset validator --replicas=3',
        'wait --for=delete pod/validator-3 --timeout=15m', 'delete persistentvolumeclaim data-validator-3 --wait --timeout=15m', 'create --filename -',
        'scale statefulset validator --replicas=4', 'rollout status statefulset/validator --timeout=15m'
      ])
      const [claim] = created()
      expect(claim?.metadata?.name).to.equal('data-validator-3')
      expect(claim?.spec).to.deep.equal({
        storageClassName: 'fast', accessModes: ['ReadWriteOnce'], dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'porto-1' },
        resources: { requests: { storage: '200Gi' } }
      })
      expect(stdout).to.match(/The volume it had is pv-7/)
    })

    it('replaces nothing that works, without --force', () => {
      desk.note('ready', 'True')
      expect(restore('porto-0').stderr).to.match(/porto-0 is running and ready: --force/)
      expect(changes()).to.deep.equal([])
      expect(restore('porto-0', '--force').status).to.equal(0)
    })

    it('stops no other validator for it, and wants a snapshot that is ready', () => {
      expect(restore('validator-1').stderr).to.match(/not the last of 4 pods.*delete its claim \(data-validator-1, with --wait=false\) and the pod/)
      expect(restore('validator-4').stderr).to.match(/has no pod validator-4/)
      desk.note('not-ready', '')
      expect(restore('porto-0').stderr).to.match(/no snapshot porto-1 that is ready/)
      expect(restore('porto').status).to.equal(2)
      expect(changes()).to.deep.equal([])
    })

    it('changes nothing with --dry-run', () => {
      expect(restore('porto-0', '--dry-run').stdout).to.match(/would run: kubectl patch[\s\S]*would create:\napiVersion: v1/)
      expect(desk.calls(/^kubectl .*(?:patch|scale|delete|create)/)).to.deep.equal([])
    })
  })
})
