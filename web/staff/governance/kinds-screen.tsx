import { useTranslation } from 'react-i18next'
import { decisionTypes } from './forms.ts'

/** What can be proposed: each kind with a sentence on what it is for. */
export function KindsScreen() {
  const { t } = useTranslation()
  return (
    <>
      <p className="desk-back"><a href="#/federation">{t('governance.back_to_proposals')}</a></p>
      <h1>{t('governance.propose')}</h1>
      <p className="lead">{t('governance.kinds_lead')}</p>
      <ul className="governance-kinds">
        {decisionTypes.map((type) => (
          <li key={type}>
            <a className="result" href={`#/federation/new/${type}`}>
              <span className="result-main">{t(`governance.kind.${type}`)}</span>
              <span className="soft">{t(`governance.kind_text.${type}`)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}
