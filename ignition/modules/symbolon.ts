import { buildModule } from '@nomicfoundation/ignition-core'
import { encodeBytes32String } from 'ethers'

/**
 * All contracts of the federation, owned by the deploying account until `scripts/lib/found-federation.ts` hands them over,
 * with every name entered in the Directory. Operators are named before the Directory is filled: who finds RewardPrograms
 * there finds it ready.
 */
export const symbolonModule = buildModule('Symbolon', (m) => {
  const owner = m.getAccount(0)
  const directory = m.contract('Directory', [owner])
  const guardian = m.contract('Guardian', [owner])
  const cityRegistry = m.contract('CityRegistry', [owner, guardian, m.getParameter('rotationDelaySeconds')])
  const citySeat = m.contractAt('CitySeat', m.staticCall(cityRegistry, 'seats'))
  // Without a delay until the founding, which sets it: the timelock itself has to accept the contracts.
  const timelock = m.contract('Timelock', [0, owner])
  const voting = [m.getParameter('votingDelaySeconds'), m.getParameter('votingPeriodSeconds'), m.getParameter('quorumPercent')]
  const federation = m.contract('Federation', [cityRegistry, timelock, ...voting])
  const issuerRegistry = m.contract('IssuerRegistry', [cityRegistry, guardian])
  const recognitionRegistry = m.contract('RecognitionRegistry', [cityRegistry, guardian])
  const statusLists = m.contract('StatusLists', [cityRegistry, guardian])
  const anchors = m.contract('Anchors', [cityRegistry, guardian])
  const rewardToken = m.contract('RewardToken', [owner])
  const rewardPrograms = m.contract('RewardPrograms', [cityRegistry, rewardToken, owner, guardian])
  const settlement = m.contract('Settlement', [rewardPrograms, guardian])

  const contracts = {
    Directory: directory,
    CityRegistry: cityRegistry,
    IssuerRegistry: issuerRegistry,
    RecognitionRegistry: recognitionRegistry,
    StatusLists: statusLists,
    Anchors: anchors,
    RewardToken: rewardToken,
    RewardPrograms: rewardPrograms,
    Settlement: settlement,
    CitySeat: citySeat,
    Federation: federation,
    Timelock: timelock,
    Guardian: guardian,
  }

  const operators = [
    m.call(rewardToken, 'setOperator', [rewardPrograms, true], { id: 'RewardProgramsOperator' }),
    m.call(rewardToken, 'setOperator', [settlement, true], { id: 'SettlementOperator' }),
  ]
  for (const [name, contract] of Object.entries(contracts)) {
    const codeHash = m.staticCall(directory, 'codeHashOf', [contract], 0, { id: `${name}CodeHash` })
    m.call(directory, 'set', [encodeBytes32String(name), contract, codeHash], { id: `${name}Entry`, after: operators })
  }
  return contracts
})
