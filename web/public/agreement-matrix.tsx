import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { createCsv, downloadText } from '../ui/csv.ts'
import { formatDay, parseMoment } from '../ui/desk/times.ts'
import { useNow } from '../ui/desk/use-now.ts'
import { cityNameOf, locodesOf, matrixOf } from './trust-view.ts'
import type { MatrixCell } from './trust-view.ts'
import { TrustSection } from './trust-section.tsx'
import type { Trust } from './wire.ts'

const marks: Readonly<Record<MatrixCell['verdict'], readonly [className: string, mark: string]>> = {
  own: ['badge badge-good', '●'],
  good: ['badge badge-good', '●'],
  lapsed: ['badge badge-wait', '▲'],
  none: ['badge', '–'],
}

/** Which city's card is good where, read along a row: "the card of Porto … in Clermont-Ferrand". */
export function AgreementMatrix({ trust }: { trust: Trust }) {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const locodes = locodesOf(trust)
  const rows = matrixOf(locodes, trust.recognitions, now)
  const nameOf = (locode: string) => cityNameOf(trust, locode)
  const exportCsv = () => downloadText('agreements.csv', 'text/csv', createCsv(
    [t('agreements.issuer'), t('agreements.recogniser'), t('agreements.type'), t('agreements.until')],
    trust.recognitions.map((one) => [one.issuer, one.recogniser, one.credential_type, parseMoment(one.valid_until)?.toISOString() ?? '']),
  ))
  return (
    <TrustSection id="agreements" title={t('agreements.title')} explanation={t('agreements.text')} data={trust.recognitions}>
      {locodes.length === 0
        ? <p className="note">{t('cities.none')}</p>
        : (
          <div className="matrix-wrap" role="region" aria-label={t('agreements.table')} tabIndex={0}>
            <table className="matrix">
              <caption>{t('agreements.table')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('agreements.corner')}</th>
                  {locodes.map((locode) => <th key={locode} scope="col">{t('agreements.in', { city: nameOf(locode) })}</th>)}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.issuer}>
                    <th scope="row">{t('agreements.card_of', { city: nameOf(row.issuer) })}</th>
                    {row.cells.map((cell) => {
                      const [className, mark] = marks[cell.verdict]
                      return (
                        <td key={cell.recogniser}>
                          <span className={className}><span aria-hidden="true">{mark}</span>{t(`agreements.${cell.verdict}`)}</span>
                          {cell.until !== undefined && (
                            <small className="soft matrix-until">{t('agreements.until_date', { date: formatDay(cell.until, i18n.language) })}</small>
                          )}
                        </td>
                      )
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          )}
      {trust.recognitions.length > 0 && (
        <div className="actions"><Button kind="quiet" onPress={exportCsv}>{t('table.export')}</Button></div>
      )}
    </TrustSection>
  )
}
