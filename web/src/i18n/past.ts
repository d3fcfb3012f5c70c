/** Words about the past and about where values come from, loaded with the pages that tell of it; the keys of English are the keys of all languages. */
import type { Lang } from '../api/types'

const en = {
  banner: 'As of {point}',
  readOnly: 'This is how it was then. Nothing can be changed here.',
  back: 'Back to today',
  notThen: '{code} was not in the inventory then',
  revision: 'revision {n}',
  verified: 'verified on site {age}',
  by: '{how}, by {author}',
  observed: '{evidence}, observed {time}',
  device: 'device {id}, entry {n}',
  accuracy: 'position ± {n} m',
  approved: 'approved by {name}',
  handedIn: 'handed in by {name}',
  confirmed: '{value} (confirmed)',
  superseded: '{value}, seen on {time}; a later word stands',
  outline: 'Outline',
  more: '{n} more',
}

export type PastKey = keyof typeof en

const zh: Record<PastKey, string> = {
  banner: '截至 {point} 的状态',
  readOnly: '此为当时的情况，不能在此修改。',
  back: '回到今天',
  notThen: '当时库中没有 {code}',
  revision: '第 {n} 次修订',
  verified: '{age}现场核实',
  by: '{how}，{author}',
  observed: '{evidence}，观察于 {time}',
  device: '设备 {id}，第 {n} 条',
  accuracy: '定位误差 ± {n} 米',
  approved: '批准人：{name}',
  handedIn: '代交人：{name}',
  confirmed: '{value}（已确认）',
  superseded: '{value}，观察于 {time}；以较晚的记录为准',
  outline: '边界',
  more: '另有 {n} 项',
}

const de: Record<PastKey, string> = {
  banner: 'Stand {point}',
  readOnly: 'So war es damals. Hier kann nichts geändert werden.',
  back: 'Zurück zu heute',
  notThen: '{code} war damals nicht im Bestand',
  revision: 'Revision {n}',
  verified: 'vor Ort geprüft {age}',
  by: '{how}, von {author}',
  observed: '{evidence}, beobachtet {time}',
  device: 'Gerät {id}, Eintrag {n}',
  accuracy: 'Position ± {n} m',
  approved: 'freigegeben von {name}',
  handedIn: 'übergeben von {name}',
  confirmed: '{value} (bestätigt)',
  superseded: '{value}, gesehen am {time}; es gilt die spätere Angabe',
  outline: 'Umriss',
  more: '{n} weitere',
}

export const PAST_MESSAGES: Record<Lang, Record<PastKey, string>> = { zh, en, de }
