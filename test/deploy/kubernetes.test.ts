import { join } from 'node:path'
import { expect } from 'chai'
import { StatefulSet as StatefulSetModel } from 'kubernetes-models/apps/v1/StatefulSet'
import { CronJob as CronJobModel } from 'kubernetes-models/batch/v1/CronJob'
import { NetworkPolicy as NetworkPolicyModel } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget as PodDisruptionBudgetModel } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Role as RoleModel } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import { RoleBinding as RoleBindingModel } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import { Namespace as NamespaceModel } from 'kubernetes-models/v1/Namespace'
import { Service as ServiceModel } from 'kubernetes-models/v1/Service'
import { ServiceAccount as ServiceAccountModel } from 'kubernetes-models/v1/ServiceAccount'
import ts from 'typescript'
import { parseDocument } from 'yaml'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { CronJob } from 'kubernetes-types/batch/v1.d.ts'
import type { Container, PodSpec, Service } from 'kubernetes-types/core/v1.d.ts'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { Role } from 'kubernetes-types/rbac/v1.d.ts'
import { besuPaths } from '../../chain/permissioning/files.ts'
import { filesBelow, pathOf, read, readYaml } from './files.ts'
import type { Kustomization } from './kustomization.ts'

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> }
}

const folder = 'deploy/besu/kubernetes'
const places = ['base', 'with-registry', 'snapshots'] as const
const kustomizations = places.map((name) => readYaml<Kustomization>(join(folder, name, 'kustomization.yaml'))[0]) as [Kustomization, Kustomization, Kustomization]
const [base, overlay] = kustomizations
const manifestsOf = (kustomization: Kustomization, where: string): Manifest[] =>
  kustomization.resources.filter((path) => path.endsWith('.yaml')).flatMap((path) => readYaml<Manifest>(join(folder, where, path)))
const manifests = kustomizations.flatMap((kustomization, index) => manifestsOf(kustomization, places[index] ?? ''))
const [companion] = readYaml<StatefulSet & Manifest>(join(folder, 'with-registry', 'companion.yaml'))

function ofKind<T>(kind: string): (T & Manifest)[] {
  return manifests.filter((manifest) => manifest.kind === kind) as (T & Manifest)[]
}

/** The name of a type and the module that has it. */
interface TypeName {
  readonly name: string
  readonly module: string
}

const kustomizationType: TypeName = { name: 'Kustomization', module: './kustomization.ts' }

function typeOf({ apiVersion, kind }: Manifest): TypeName {
  return { name: kind, module: `kubernetes-types/${apiVersion.includes('/') ? apiVersion.replace(/(\.authorization)?\.k8s\.io/, '') : `core/${apiVersion}`}` }
}

/**
 * Has the TypeScript compiler hold objects against the types made from Kubernetes' own OpenAPI document and those of
 * kustomizations: unknown fields and wrong types are errors. What it complains about.
 */
function complaints(objects: readonly (readonly [object, TypeName])[]): string[] {
  const imports = objects.map(([, { name, module }], index) => `import type { ${name} as Kind${index} } from '${module}'`)
  const values = objects.map(([object], index) => `export const object${index}: Kind${index} = ${JSON.stringify(object, undefined, 1)}`)
  const file = pathOf('test/deploy/manifests.generated.ts')
  const text = [...imports, ...values].join('\n')
  const options: ts.CompilerOptions = { strict: true, noEmit: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [], lib: ['lib.es2024.d.ts'], skipLibCheck: true, allowImportingTsExtensions: true }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.getSourceFile = (name, ...rest) => (name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2024) : getSourceFile.call(host, name, ...rest))
  host.fileExists = (name) => name === file || fileExists.call(host, name)
  return ts.getPreEmitDiagnostics(ts.createProgram([file], options, host)).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

/** The JSON schemas of the same document, compiled: what types do not say, such as which words and quantities a field takes. */
const models: Readonly<Record<string, new (data?: never) => { validate(): void }>> = {
  'apps/v1 StatefulSet': StatefulSetModel, 'batch/v1 CronJob': CronJobModel, 'networking.k8s.io/v1 NetworkPolicy': NetworkPolicyModel,
  'policy/v1 PodDisruptionBudget': PodDisruptionBudgetModel, 'rbac.authorization.k8s.io/v1 Role': RoleModel, 'rbac.authorization.k8s.io/v1 RoleBinding': RoleBindingModel,
  'v1 Namespace': NamespaceModel, 'v1 Service': ServiceModel, 'v1 ServiceAccount': ServiceAccountModel
}

function validate(manifest: Manifest): void {
  const Model = models[`${manifest.apiVersion} ${manifest.kind}`]
  if (!Model) throw new Error(`no schema for ${manifest.apiVersion} ${manifest.kind}`)
  new Model(manifest as never).validate()
}

describe('deploy/besu/kubernetes', () => {
  const sets = ofKind<StatefulSet>('StatefulSet')
  const podOf = (set: StatefulSet): PodSpec => {
    if (!set.spec?.template.spec) throw new Error('a StatefulSet without pods')
    return set.spec.template.spec
  }
  /** As it runs with the companion of with-registry beside it. */
  const withCompanion = (set: StatefulSet): PodSpec => {
    const [pod, more] = [podOf(set), companion ? podOf(companion) : { containers: [], initContainers: [], volumes: [] }]
    return { ...pod, initContainers: [...(pod.initContainers ?? []), ...(more.initContainers ?? [])], volumes: [...(pod.volumes ?? []), ...(more.volumes ?? [])] }
  }
  const containersOf = (pod: PodSpec): Container[] => [...(pod.initContainers ?? []), ...pod.containers]
  const nodeOf = (set: StatefulSet): Container => podOf(set).containers[0] as Container

  describe('is what the Kubernetes API takes', function () {
    this.timeout(60_000)

    const merged = () => sets.map((set) => ({ ...set, spec: { ...set.spec, template: { ...set.spec?.template, spec: withCompanion(set) } } }) as unknown as Manifest)

    it('in every field', () => {
      const all = [...manifests, ...merged()].map((manifest) => [manifest, typeOf(manifest)] as const)
      expect(complaints([...all, ...kustomizations.map((kustomization) => [kustomization, kustomizationType] as const)])).to.deep.equal([])
    })

    it('which a misspelt field or a wrong type would not be', () => {
      const [set] = sets
      const type = { name: 'StatefulSet', module: 'kubernetes-types/apps/v1' }
      expect(complaints([[{ ...set, spec: { ...set?.spec, replica: 4 } }, type]]).join()).to.match(/replica/)
      expect(complaints([[{ ...set, spec: { ...set?.spec, replicas: '4' } }, type]]).join()).to.match(/not assignable to type 'number/)
      const [generator] = base.configMapGenerator ?? []
      expect(complaints([[{ ...base, ressources: [] }, kustomizationType]]).join()).to.match(/ressources/)
      expect(complaints([[{ ...base, configMapGenerator: [{ ...generator, option: {} }] }, kustomizationType]]).join()).to.match(/option/)
      expect(complaints([[{ ...overlay, patches: 'companion.yaml' }, kustomizationType]]).join()).to.match(/not assignable/)
    })

    it('and in every value', () => {
      for (const manifest of [...manifests, ...merged()]) validate(manifest)
    })

    it('which a word or quantity that does not exist would not be', () => {
      const [set] = sets
      const change = (spec: object): (() => void) => () => validate({ ...set, spec: { ...set?.spec, ...spec } } as unknown as Manifest)
      expect(change({ podManagementPolicy: 'parallel' })).to.throw(/podManagementPolicy must be equal to one of/)
      expect(change({ replicas: 1.5 })).to.throw(/replicas must be integer/)
      const [claim] = set?.spec?.volumeClaimTemplates ?? []
      expect(change({ volumeClaimTemplates: [{ ...claim, spec: { ...claim?.spec, resources: { requests: { storage: '100GB' } } } }] })).to.throw(/storage must/)
    })
  })

  it('is put together of all its files, each once', () => {
    const own = kustomizations.flatMap(({ resources, patches, configMapGenerator }, index) => [
      'kustomization.yaml', ...resources.filter((name) => name !== '../base'), ...(patches ?? []).map(({ path }) => path),
      ...(configMapGenerator ?? []).flatMap(({ files = [] }) => files.filter((name) => name.endsWith('.sh')))
    ].map((name) => join(folder, places[index] ?? '', name)))
    const beside = ['network.example.yaml', 'restore.sh', 'upgrade.sh'].map((name) => join(folder, name))
    expect(filesBelow(folder).filter((path) => !/\/(generated\/|local\/|network\.yaml|deployment\.json)/.test(path))).to.deep.equal([...own, ...beside].sort())
    expect(overlay.resources).to.include('../base')
    for (const kustomization of kustomizations) expect(kustomization).to.include({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', namespace: 'symbolon-chain' })
  })

  it('names each thing once, all in one namespace that is restricted', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(new Set(names).size).to.equal(names.length)
    for (const { kind, metadata } of manifests) if (kind !== 'Namespace') expect(metadata.namespace, metadata.name).to.equal('symbolon-chain')
    expect(ofKind('Namespace')[0]?.metadata.labels).to.include({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  })

  it('holds no secret, and names those it needs in docs/operations.md', () => {
    expect(ofKind('Secret')).to.deep.equal([])
    const needed = new Set(sets.flatMap((set) => (withCompanion(set).volumes ?? []).flatMap((volume) => volume.secret?.secretName ?? [])))
    expect(needed.size).to.equal(7)
    const page = read('docs/operations.md')
    for (const name of needed) expect(page, name).to.include(`\`${name}\``)
  })

  it('runs a node for each of the example network, under the name by which the others know it', () => {
    const example = parseDocument(read(join(folder, 'network.example.yaml'))).toJS() as { nodes: { name: string; host: string; role: string }[] }
    const pods = sets.flatMap((set) => Array.from({ length: set.spec?.replicas ?? 1 }, (_, index) => ({
      name: `${set.metadata.name}-${index}`, host: `${set.metadata.name}-${index}.${set.spec?.serviceName}.symbolon-chain.svc.cluster.local`
    })))
    expect(example.nodes.map(({ name, host }) => ({ name, host }))).to.have.deep.members(pods)
    expect(example.nodes.filter((node) => node.role === 'validator')).to.have.length(4)
    const configs = (base.configMapGenerator ?? []).flatMap(({ files = [] }) => files).filter((file) => file.startsWith('generated/config/'))
    expect(configs.map((file) => file.slice('generated/config/'.length, -'.toml'.length)).sort()).to.deep.equal(pods.map(({ name }) => name).sort())
  })

  for (const set of sets) {
    describe(set.metadata.name, () => {
      it('runs without privileges, on file systems it cannot write but its own', () => {
        const pod = withCompanion(set)
        expect(pod.securityContext).to.deep.include({ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } })
        expect(pod.automountServiceAccountToken).to.equal(false)
        expect(pod).not.to.have.any.keys('hostNetwork', 'hostPID', 'hostIPC')
        for (const container of containersOf(pod)) {
          expect(container.securityContext, container.name).to.deep.equal({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
        }
        expect((pod.volumes ?? []).filter((volume) => volume.hostPath)).to.deep.equal([])
      })

      it('says of every container what it needs and may have at most, and which version it is', () => {
        for (const { name, image, resources } of containersOf(withCompanion(set))) {
          expect(resources?.requests, name).to.have.all.keys('cpu', 'memory')
          expect(resources?.limits, name).to.have.all.keys('cpu', 'memory')
          expect(image, name).to.match(/:\d+\.\d+\.\d+$/)
        }
      })

      it('is asked how it is, by a name that Besu answers to, over TLS', () => {
        const { startupProbe, livenessProbe, readinessProbe } = nodeOf(set)
        for (const probe of [startupProbe, livenessProbe, readinessProbe]) {
          expect(probe?.httpGet).to.deep.include({ scheme: 'HTTPS', port: 'rpc', httpHeaders: [{ name: 'Host', value: 'localhost' }] })
        }
        expect(readinessProbe?.httpGet?.path).to.match(/^\/readiness\?minPeers=\d/)
      })

      it('finds its files where its configuration says', () => {
        const mounts = nodeOf(set).volumeMounts ?? []
        const paths = mounts.map(({ mountPath }) => mountPath)
        expect(paths).to.have.members([besuPaths.data, besuPaths.permissions, besuPaths.network, '/etc/besu/config', `${besuPaths.keys}/node.key`, besuPaths.rpc, besuPaths.tls, '/tmp'])
        expect(nodeOf(set).args).to.deep.equal(['--config-file=/etc/besu/config/$(POD_NAME).toml'])
        expect(mounts.find(({ mountPath }) => mountPath.endsWith('node.key'))).to.include({ subPathExpr: '$(POD_NAME).key', readOnly: true })
        const writable = mounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath)
        expect(writable).to.have.members([besuPaths.data, '/tmp'])
      })

      it('has every volume that its containers mount, and mounts every volume', () => {
        for (const pod of [podOf(set), withCompanion(set)]) {
          const volumes = [...(pod.volumes ?? []).map(({ name }) => name), ...(set.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name)]
          const mounted = new Set(containersOf(pod).flatMap(({ volumeMounts }) => (volumeMounts ?? []).map(({ name }) => name)))
          expect([...mounted].sort()).to.deep.equal(volumes.sort())
        }
      })

      it('says whether it is a member or a validator, as upgrade.sh asks', () => {
        expect(set.metadata.labels?.['app.kubernetes.io/component']).to.equal(set.metadata.name === 'validator' ? 'validator' : 'member')
      })

      it('keeps its data when it is scaled or deleted', () => {
        expect(set.spec?.persistentVolumeClaimRetentionPolicy).to.deep.equal({ whenDeleted: 'Retain', whenScaled: 'Retain' })
        expect(set.spec?.volumeClaimTemplates?.[0]?.spec?.accessModes).to.deep.equal(['ReadWriteOnce'])
      })

      it('has a name on the network, and loses no more than one pod at a time', () => {
        const labels = set.spec?.template.metadata?.labels ?? {}
        const service = ofKind<Service>('Service').find(({ metadata }) => metadata.name === set.spec?.serviceName)
        expect(service?.spec).to.deep.include({ clusterIP: 'None', publishNotReadyAddresses: true, selector: labels })
        const budget = ofKind<PodDisruptionBudget>('PodDisruptionBudget').find(({ metadata }) => metadata.name === set.metadata.name)
        expect(budget?.spec).to.deep.include({ maxUnavailable: 1, selector: { matchLabels: labels } })
        expect(set.spec?.selector.matchLabels).to.deep.equal(labels)
      })
    })
  }

  it('differs between the two cities in nothing but their names', () => {
    const anonymous = (path: string, ...names: string[]): string => names.reduce((text, name) => text.replaceAll(name, 'CITY'), read(join(folder, 'base', path)))
    expect(anonymous('clermont.yaml', 'clermont', 'FRCFE')).to.equal(anonymous('porto.yaml', 'porto', 'PTOPO'))
  })

  it('lets nothing in or out by default, and a validator’s JSON-RPC not at all', () => {
    const policies = ofKind<NetworkPolicy>('NetworkPolicy')
    expect(policies.find(({ metadata }) => metadata.name === 'nothing-by-default')?.spec).to.deep.equal({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    for (const { spec, metadata } of policies) {
      const opensRpc = (spec?.ingress ?? []).some(({ ports }) => ports === undefined || ports.some(({ port }) => port === 8545))
      if (opensRpc) expect(spec?.podSelector?.matchLabels?.['app.kubernetes.io/instance'], metadata.name).to.be.oneOf(['porto', 'clermont'])
      for (const { from } of spec?.ingress ?? []) expect(from, metadata.name).to.be.an('array').that.is.not.empty
    }
  })

  it('keeps no two validators on one machine', () => {
    const [validators] = sets.filter(({ metadata }) => metadata.name === 'validator')
    const [rule] = (validators && podOf(validators).affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution) ?? []
    expect(rule).to.deep.equal({ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { 'app.kubernetes.io/instance': 'validator' } } })
  })

  describe('snapshots', () => {
    const [job] = ofKind<CronJob>('CronJob')
    const pod = job?.spec?.jobTemplate.spec?.template.spec

    it('are taken one at a time, without privileges, of a node that may stand still', () => {
      expect(job?.spec?.concurrencyPolicy).to.equal('Forbid')
      expect(pod?.securityContext).to.deep.include({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      for (const container of pod?.containers ?? []) {
        expect(container.securityContext).to.deep.equal({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
        expect(container.resources?.limits).to.have.all.keys('cpu', 'memory')
        expect(container.image).to.match(/:v\d+\.\d+\.\d+$/)
      }
      const [script] = pod?.containers ?? []
      expect([...(script?.command ?? []), ...(script?.args ?? [])]).to.deep.equal(['bash', '/opt/snapshots/snapshot.sh', '--node', 'porto', '--keep', '7'])
      expect(pod?.volumes?.find(({ name }) => name === 'script')?.configMap?.name).to.equal(kustomizations[2].configMapGenerator?.[0]?.name)
    })

    it('may stop this node and no other, and read no secret', () => {
      const rules = ofKind<Role>('Role')[0]?.rules ?? []
      const writing = rules.filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
      expect(writing.map(({ resources, resourceNames }) => ({ resources, resourceNames }))).to.deep.equal([
        { resources: ['statefulsets/scale'], resourceNames: ['porto'] }, { resources: ['volumesnapshots'], resourceNames: undefined }
      ])
      for (const { resources = [], verbs } of rules) {
        expect(verbs).not.to.include('*')
        expect(resources.filter((resource) => resource === 'secrets' || resource === '*')).to.deep.equal([])
      }
    })
  })
})
