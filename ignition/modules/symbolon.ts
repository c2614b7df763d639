import { buildModule } from '@nomicfoundation/ignition-core'
import { encodeBytes32String } from 'ethers'

/**
 * All contracts of the federation, owned by the deploying account until the federation takes over, with every name
 * entered in the Directory. Operators are named before the Directory is filled: who finds RewardPrograms there finds it ready.
 */
export const symbolonModule = buildModule('Symbolon', (m) => {
  const owner = m.getAccount(0)
  const directory = m.contract('Directory', [owner])
  const cityRegistry = m.contract('CityRegistry', [owner])
  const rewardToken = m.contract('RewardToken', [owner])
  const issuerRegistry = m.contract('IssuerRegistry', [cityRegistry])
  const recognitionRegistry = m.contract('RecognitionRegistry', [cityRegistry])
  const statusLists = m.contract('StatusLists', [cityRegistry])
  const anchors = m.contract('Anchors', [cityRegistry])
  const rewardPrograms = m.contract('RewardPrograms', [cityRegistry, rewardToken])
  const settlement = m.contract('Settlement', [rewardPrograms])

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
  }

  const operators = [
    m.call(rewardToken, 'setOperator', [rewardPrograms, true], { id: 'RewardProgramsOperator' }),
    m.call(rewardToken, 'setOperator', [settlement, true], { id: 'SettlementOperator' }),
  ]
  for (const [name, contract] of Object.entries(contracts)) {
    m.call(directory, 'set', [encodeBytes32String(name), contract], { id: `${name}Entry`, after: operators })
  }
  return contracts
})
