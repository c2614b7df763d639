import { expect } from 'chai'
import { parseFragment, parseWalletLink } from '../../../web/wallet/links.ts'

const order = `http://localhost:4800/v1/orders/0x${'ab'.repeat(32)}`
const offer = 'openid-credential-offer://?credential_offer_uri=http%3A%2F%2Flocalhost%3A4800%2Foid4vci%2Foffers%2F1'
const request = 'openid4vp://?client_id=x509_hash%3Aabc&request_uri=http%3A%2F%2Flocalhost%3A4801%2Foid4vp%2Frequests%2F1'

describe('wallet links', () => {
  it('knows protocol links of every scheme, in any case', () => {
    expect(parseWalletLink(offer)).to.deep.equal({ kind: 'offer', value: offer })
    expect(parseWalletLink(` ${request}\n`)).to.deep.equal({ kind: 'request', value: request })
    expect(parseWalletLink('OPENID4VP://?client_id=a&request_uri=b')?.kind).to.equal('request')
    expect(parseWalletLink('haip-vci://?credential_offer=%7B%7D')?.kind).to.equal('offer')
  })

  it('takes the protocol link out of a link to a web wallet', () => {
    expect(parseWalletLink(`http://localhost:4800/wallet/#offer=${encodeURIComponent(offer)}`)).to.deep.equal({ kind: 'offer', value: offer })
    expect(parseFragment(`#request=${encodeURIComponent(request)}`)).to.deep.equal({ kind: 'request', value: request })
    expect(parseFragment(`#pay=${encodeURIComponent(order)}`)).to.deep.equal({ kind: 'pay', value: order })
  })

  it('knows the URL of an order', () => {
    expect(parseWalletLink(order)).to.deep.equal({ kind: 'pay', value: order })
  })

  it('does not take one kind of link for another', () => {
    expect(parseFragment(`#pay=${encodeURIComponent(offer)}`)).to.equal(undefined)
    expect(parseFragment(`#offer=${encodeURIComponent(request)}`)).to.equal(undefined)
  })

  it('does not follow other links or text', () => {
    for (const text of ['', 'hello', 'https://example.org/', 'javascript:alert(1)', 'data:text/html,x', `${order}/payments`, '#offer=%E0%A4%A']) {
      expect(parseWalletLink(text), text).to.equal(undefined)
    }
    expect(parseFragment('#offer=%E0%A4%A')).to.equal(undefined)
  })
})
