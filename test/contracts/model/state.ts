import { expect } from 'chai'
import { getAddress, hexlify, id } from 'ethers'
import { locodes, points, programNames, types, uris, type World } from './members.ts'
import { statusCodes } from './membership.ts'
import { IssuersModel, listIdOf } from './records.ts'
import { noCity, zeroAddress, zeroHash } from './refusal.ts'

const text = (...fields: unknown[]): unknown[] => fields.map((field) => (typeof field === 'number' || typeof field === 'bigint' ? String(field) : field))

/** Reads everything that can be read and compares it with the models, field by field. */
export async function expectSameState(world: World): Promise<void> {
  await expectSameMembership(world)
  await expectSameRecords(world)
  await expectSameRewards(world)
}

async function expectSameMembership({ chain, cities, guardian, cast, clock }: World): Promise<void> {
  const accounts = [...cast.officials, ...cast.merchants, cast.owner]
  for (const city of locodes.slice(0, 4)) {
    const c = cities.city(city)
    expect(await chain.read('CityRegistry', 'cityOf', [city]), city).to.deep.equal(text(
      c.controller, statusCodes.indexOf(cities.status(city)), c.suspensionReason, c.suspendedUntil, c.pendingController, c.admittedAt, c.recovery,
      c.acceptableFrom, c.offerProtected, c.appealed, c.agreementHash, c.dpiaHash, c.name, c.did, c.serviceUrl,
    ))
    const seated = cities.seats().includes(city)
    expect(await chain.read('CitySeat', 'seatOf', [city])).to.equal(seated ? c.controller : zeroAddress)
  }
  expect(await chain.read('CitySeat', 'totalSupply', [])).to.equal(String(cities.seats().length))
  for (const account of accounts) {
    const city = cities.cityOfSeat(account)
    expect(await chain.read('CitySeat', 'cityOf', [account]), account).to.equal(city)
    expect(await chain.read('CitySeat', 'getVotes', [account])).to.equal(city === noCity ? '0' : '1')
    expect(await chain.read('CityRegistry', 'cityOfController', [account])).to.equal(cities.controllers.get(account) ?? noCity)
  }
  expect(await chain.read('CityRegistry', 'rotationDelay', [])).to.equal(String(cities.rotationDelay))
  expect(await chain.read('Guardian', 'guardian', [])).to.equal(guardian.guardian)
  for (const name of ['CityRegistry', 'StatusLists', 'Anchors', 'RewardPrograms', 'Settlement']) {
    expect(await chain.read('Guardian', 'pausedUntil', [chain.address(name)]), name).to.equal(String(guardian.until.get(chain.address(name)) ?? 0))
  }
  for (let incident = 0; incident < 8; incident++) {
    expect(await chain.read('Guardian', 'isIncidentUsed', [id(`incident ${incident}`)])).to.equal(guardian.incidents.has(id(`incident ${incident}`)))
  }
  expect(await chain.time(), 'the clocks').to.equal(clock.now)
}

async function expectSameRecords({ chain, issuers, recognitions, lists, anchors, directory, clock }: World): Promise<void> {
  for (const city of locodes) {
    for (const type of types) {
      for (const { x, y } of points) {
        const thumbprint = IssuersModel.thumbprint(x, y)
        const known = issuers.accreditations.get([city, thumbprint, id(type)].join())
        expect(await chain.read('IssuerRegistry', 'accreditationOf', [city, thumbprint, id(type)]))
          .to.deep.equal(text(known?.from ?? 0, known?.until ?? 0, known?.untrustedFrom ?? 0))
        if (known === undefined) continue
        for (const time of [known.from - 1, known.from, known.until, known.until + 1, clock.now]) {
          expect(await chain.read('IssuerRegistry', 'isTrustedAt', [city, thumbprint, id(type), time]), `at ${time}`)
            .to.equal(issuers.isTrustedAt(city, thumbprint, id(type), time))
        }
      }
      for (const issuer of locodes) {
        const known = recognitions.recognitions.get([city, issuer, id(type)].join())
        expect(await chain.read('RecognitionRegistry', 'recognitionOf', [city, issuer, id(type)])).to.deep.equal(text(known?.benefits ?? 0, known?.until ?? 0))
      }
    }
    for (let log = 0; log < 3; log++) {
      const head = anchors.heads.get(`${city},${log}`)
      expect(await chain.read('Anchors', 'head', [city, log])).to.deep.equal(text(head?.size ?? 0, head?.time ?? 0, head?.root ?? zeroHash))
    }
  }
  for (const listId of locodes.flatMap((city) => uris.map((uri) => listIdOf(city, uri)))) {
    const list = lists.lists.get(listId)
    expect(await chain.read('StatusLists', 'head', [listId]))
      .to.deep.equal(text(list?.epoch ?? 0, list?.digest ?? zeroHash, list?.size ?? 0, list?.time ?? 0))
    expect(await chain.read('StatusLists', 'cityOf', [listId])).to.equal(list?.city ?? noCity)
  }
  for (let name = 0; name < 3; name++) {
    const entry = directory.entries.get(id(`name ${name}`))
    expect(await chain.read('Directory', 'get', [id(`name ${name}`)])).to.deep.equal([entry?.target ?? zeroAddress, entry?.codeHash ?? zeroHash])
  }
}

async function expectSameRewards(world: World): Promise<void> {
  const { chain, programs, settlement, token, cast } = world
  const holders = [...cast.merchants, getAddress(chain.address('RewardPrograms'))]
  for (const program of programNames) {
    const p = programs.programs.get(program)
    expect(await chain.read('RewardPrograms', 'programOf', [program])).to.deep.equal(text(
      p?.city ?? noCity, p?.from ?? 0, p?.until ?? 0, p?.closed ?? false, p?.shared ?? false, p?.sponsor ?? zeroAddress, p?.funded ?? 0, p?.redeemed ?? 0,
    ))
    expect(await chain.read('RewardPrograms', 'keys', [program])).to.deep.equal((p?.keys ?? []).map(({ value, modulus }) => text(value, hexlify(modulus))))
    for (const holder of holders) {
      expect(await chain.read('RewardToken', 'balanceOf', [holder, BigInt(program)])).to.equal(String(token.balance(program, holder)))
    }
    expect(await chain.read('RewardToken', 'totalSupply(uint256)', [BigInt(program)])).to.equal(String(token.supply(program)))
    expect(await chain.read('Settlement', 'burntOf', [program])).to.equal(String(settlement.burnt.get(program) ?? 0))
  }
  for (const spent of [...programs.spent].slice(-5)) {
    expect(await chain.read('RewardPrograms', 'isSpent', spent.split(','))).to.equal(true)
  }
  for (const merchant of cast.merchants) {
    expect(await chain.read('RewardPrograms', 'cityOfMerchant', [merchant])).to.equal(programs.cityOfMerchant(merchant))
    for (const city of [...locodes, noCity]) {
      const known = programs.merchants.get(merchant)
      expect(await chain.read('RewardPrograms', 'isMerchant', [city, merchant])).to.equal(known?.registered === true && known.city === city)
      expect(await chain.read('Settlement', 'debtOf', [city, merchant])).to.equal(String(settlement.debts.get(`${city},${merchant}`) ?? 0))
    }
  }
  for (const [ref, request] of settlement.requests) {
    expect(await chain.read('Settlement', 'requestOf', [ref]))
      .to.deep.equal(text(request.merchant, request.payer, request.debtor, request.paid, request.program, request.units))
  }
  let sum = 0
  for (const city of locodes) {
    sum += settlement.net(city)
    expect(await chain.read('Settlement', 'netOf', [city]), city).to.equal(String(settlement.net(city)))
    for (const creditor of locodes) {
      expect(await chain.read('Settlement', 'owed', [city, creditor])).to.equal(String(settlement.owed.get(`${city},${creditor}`) ?? 0))
    }
  }
  expect(sum, 'the sum of all nets').to.equal(0)
}
