import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DeskShell } from '../ui/desk/desk-shell.tsx'
import { AskScreen, firstChoice } from './ask-screen.tsx'
import { DecisionScreen } from './decision-screen.tsx'
import type { Question } from './question.ts'
import { WaitScreen } from './wait-screen.tsx'
import type { CreatedRequest, Decision } from './wire.ts'

type Stage =
  | { readonly name: 'ask' }
  | { readonly name: 'wait', readonly question: Question, readonly request: CreatedRequest }
  | { readonly name: 'decision', readonly question: Question, readonly decision: Decision }

/** The verifier: ask, wait, decide, next. Nothing of a person is kept once "check next" is pressed. */
export function App() {
  const { t } = useTranslation()
  const [choice, setChoice] = useState(firstChoice)
  const [stage, setStage] = useState<Stage>({ name: 'ask' })
  const askAgain = () => setStage({ name: 'ask' })
  return (
    <DeskShell app="verifier" roles={['operator', 'staff']} title={t('app.title')} purpose={t('app.purpose')} screen={stage.name}>
      {stage.name === 'ask' && (
        <AskScreen choice={choice} onChoice={setChoice} onAsked={(question, request) => setStage({ name: 'wait', question, request })} />
      )}
      {stage.name === 'wait' && (
        <WaitScreen
          key={stage.request.request_id} {...stage} onAgain={(request) => setStage({ ...stage, request })} onCancel={askAgain}
          onDecided={(decision) => setStage({ name: 'decision', question: stage.question, decision })}
        />
      )}
      {stage.name === 'decision' && <DecisionScreen {...stage} onNext={askAgain} />}
    </DeskShell>
  )
}
