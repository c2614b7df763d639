import { expect } from 'chai'
import fc from 'fast-check'
import { PermissioningError } from '../../../chain/permissioning/errors.ts'
import { foundingAllowLists, planAllowLists, quorumOf } from '../../../chain/permissioning/allow-lists.ts'
import { parsePermissions, renderPermissions } from '../../../chain/permissioning/files.ts'
import { addressOf, city, expectCode, fourValidators, membership, names, network, nodeEntry } from './networks.ts'

const porto = city('PTOPO', 'active', addressOf(50), addressOf(51))
const clermont = city('FRCFE', 'active', addressOf(60), addressOf(61), addressOf(62))
const lower = (...numbers: number[]): string[] => numbers.map((number) => addressOf(number).toLowerCase())

describe('the allow-lists', () => {
  it('let the nodes of active cities connect and the accounts of members send', () => {
    const plan = planAllowLists(network(), membership([porto, clermont], { merchants: [addressOf(80)], guardian: addressOf(85) }))
    expect(names(plan.nodes)).to.deep.equal(['node-1', 'node-2', 'node-3', 'node-4', 'node-5', 'node-6'])
    expect(plan.accounts).to.deep.equal(lower(50, 51, 60, 61, 62, 70, 71, 80, 85).sort())
    expect(plan.retained).to.deep.equal([])
  })

  it('no longer hold those who took part in the founding only', () => {
    expect(foundingAllowLists(network()).accounts).to.include(addressOf(90).toLowerCase())
    expect(planAllowLists(network(), membership([porto, clermont])).accounts).not.to.include(addressOf(90).toLowerCase())
  })

  it('leave out a city that is not admitted, or not yet activated', () => {
    const { nodes } = fourValidators()
    const more = network({ nodes: [...nodes, nodeEntry(7, 'DEBER', { role: 'member', founding: false })] })
    expect(names(planAllowLists(more, membership([porto, clermont])).nodes)).not.to.include('node-7')
    expect(names(planAllowLists(more, membership([porto, clermont, city('DEBER', 'pending')])).nodes)).not.to.include('node-7')
    expect(names(planAllowLists(more, membership([porto, clermont, city('DEBER', 'active')])).nodes)).to.include('node-7')
  })

  describe('when a city is suspended', () => {
    const members = membership([porto, { ...clermont, status: 'suspended' }], { merchants: [addressOf(81)] })
    const needed = [1, 2, 3].map(addressOf)

    it('drop its nodes as far as blocks can be made without them', () => {
      const plan = planAllowLists(network(), members, { validators: [1, 2].map(addressOf) })
      expect(names(plan.nodes)).to.deep.equal(['node-1', 'node-2', 'node-5'])
    })

    it('keep its accounts, which may appeal and pay, and its merchants, but not what relays for it', () => {
      const { accounts } = planAllowLists(network(), members, { validators: needed })
      expect(accounts).to.include.members(lower(60, 61, 62, 81)).and.not.include(lower(71)[0])
    })

    it('drop even a validator of it where two thirds are left', () => {
      const plan = planAllowLists(network(), members, { validators: needed })
      expect(names(plan.nodes)).to.deep.equal(['node-1', 'node-2', 'node-5'])
    })

    it('keep its validators where the chain would stand still, and say which', () => {
      const plan = planAllowLists(network(), members, { validators: [1, 2, 3, 4].map(addressOf) })
      expect(names(plan.retained)).to.deep.equal(['node-3', 'node-4'])
      expect(names(plan.nodes)).to.deep.equal(['node-1', 'node-2', 'node-3', 'node-4', 'node-5'])
    })

    it('count the validators of the network file when no node says which there are', () => {
      expect(names(planAllowLists(network(), members).retained)).to.deep.equal(['node-3', 'node-4'])
    })
  })

  it('keep the accounts of a removed city, which still confirms what it was paid, and drop its nodes', () => {
    const plan = planAllowLists(network(), membership([porto, { ...clermont, status: 'removed' }], { merchants: [addressOf(81)] }), { validators: [1, 2].map(addressOf) })
    expect(plan.accounts).to.deep.equal(lower(50, 51, 60, 61, 62, 70, 81).sort())
    expect(names(plan.nodes)).to.deep.equal(['node-1', 'node-2', 'node-5'])
  })

  it('leave out an account that the federation blocked, but never all that could act', () => {
    const blocking = (...numbers: number[]) => network({ blockedAccounts: numbers.map(addressOf) })
    const plan = planAllowLists(blocking(50), membership([porto, clermont]))
    expect(plan.accounts).not.to.include(lower(50)[0])
    expect(plan.accounts).to.include(lower(51)[0])
    expectCode(() => planAllowLists(blocking(50, 51, 60, 61, 62), membership([porto, clermont])), 'ERR_PERMISSIONING_LOCKOUT')
  })

  it('are not written when no city is active: nobody could act any more', () => {
    expectCode(() => planAllowLists(network(), membership([city('PTOPO', 'pending'), city('FRCFE', 'suspended')])), 'ERR_PERMISSIONING_LOCKOUT')
    expectCode(() => planAllowLists(network(), membership([])), 'ERR_PERMISSIONING_LOCKOUT')
  })

  it('are not written when the validators in force are not in the network file', () => {
    const strangers = [1, 101, 102, 103].map(addressOf)
    expectCode(() => planAllowLists(network(), membership([porto, clermont]), { validators: strangers }), 'ERR_PERMISSIONING_LOCKOUT')
  })

  it('are not written for a node that they would leave out', () => {
    const members = membership([porto, { ...clermont, status: 'suspended' }])
    const error = expectCode(() => planAllowLists(network(), members, { self: ['node-6'] }), 'ERR_PERMISSIONING_SELF_EXCLUDED')
    expect(error.message).to.match(/node-6 runs for FRCFE, which is suspended/)
    expectCode(() => planAllowLists(network(), members, { self: ['node-77'] }), 'ERR_PERMISSIONING_NODE_UNSUITABLE')
  })

  it('never leave the chain without a quorum, nor let a stranger in, whatever happens to whom', () => {
    const status = fc.constantFrom('pending', 'active', 'suspended', 'removed', undefined)
    const cities = ['PTOPO', 'FRCFE', 'DEBER', 'ESBCN']
    const world = fc.record({
      statuses: fc.tuple(status, status, status, status),
      owners: fc.array(fc.constantFrom(...cities), { minLength: 1, maxLength: 9 }),
      validators: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 })
    })
    fc.assert(fc.property(world, ({ statuses, owners, validators }) => {
      const nodes = owners.map((owner, index) => nodeEntry(index + 1, owner))
      const members = cities.flatMap((locode, index) => (statuses[index] ? [city(locode, statuses[index], addressOf(50 + index))] : []))
      const inForce = validators.map(addressOf)
      let plan
      try {
        plan = planAllowLists(network({ nodes }), membership(members), { validators: inForce })
      } catch (error) {
        return error instanceof PermissioningError && error.code === 'ERR_PERMISSIONING_LOCKOUT'
      }
      const isActive = (locode: string): boolean => members.some((member) => member.locode === locode && member.status === 'active')
      const allowed = new Set(plan.nodes.map((node) => node.address))
      const heard = inForce.filter((address) => allowed.has(address)).length
      const strangers = plan.nodes.filter((node) => !isActive(node.city) && !(plan.retained.includes(node) && inForce.includes(node.address)))
      return heard >= quorumOf(inForce.length) && strangers.length === 0 && plan.accounts.length > 0
    }), { numRuns: 200, seed: 7411 })
  })

  it('need as many validators as QBFT does', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 10].map(quorumOf)).to.deep.equal([1, 2, 2, 3, 4, 4, 5, 7])
  })
})

describe('the permissions file', () => {
  const plan = planAllowLists(network(), membership([porto, clermont]))

  it('says what the lists say', () => {
    expect(parsePermissions(renderPermissions(plan))).to.deep.equal({ enodes: plan.nodes.map((node) => node.enode), accounts: plan.accounts })
  })

  it('holds every address that a node’s connections come from', () => {
    const behindNat = network({ nodes: [nodeEntry(1, 'PTOPO', { alsoFrom: ['192.0.2.1', 'nat.porto.example'] })] })
    const { nodes } = planAllowLists(behindNat, membership([porto]))
    const hosts = parsePermissions(renderPermissions({ nodes, accounts: [] }))?.enodes.map((enode) => enode.split('@')[1])
    expect(hosts).to.deep.equal(['10.0.0.1:30303', '192.0.2.1:30303', 'nat.porto.example:30303'])
  })

  it('is the same whenever the lists are', () => {
    const again = planAllowLists(network({ nodes: fourValidators().nodes.toReversed() }), membership([clermont, porto]))
    expect(renderPermissions(again)).to.equal(renderPermissions(plan))
  })

  it('is not one when it is cut off', () => {
    expect(parsePermissions(renderPermissions(plan).slice(0, -20))).to.equal(undefined)
    expect(parsePermissions('')).to.equal(undefined)
  })
})
