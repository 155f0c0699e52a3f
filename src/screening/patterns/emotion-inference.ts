import { near, phrases } from '../pattern.ts'
import type { SignalPatterns } from '../pattern.ts'

const infer =
  'infer/s/ring, detect/s/ing, recognise/s, recognize/s, recognising, recognizing, read/s, reading, ' +
  'analyse/s, analyze/s, analysing, analyzing, analysis, predict/s, estimate/s, estimating, classify, ' +
  'classifies, measure/s, measuring, monitor/s/ing, score/s, scoring, determine/s, assess/es, ' +
  'assessing, track/s/ing, tell whether, tell if, tell me which, tell me who, guess, rate, flag/s, ' +
  'recognition, detection, inference, judge, détecter, détecte/z, déduire, déduis, reconnaître, ' +
  'analyser, analyse/z, mesurer, mesure/z, évaluer, évalue/z, surveiller, reconnaissance, détection, ' +
  'alert when, alert me when, watch the, find, spot, tell when'

const emotion =
  'emotion/s, emotional state/s, emotional reaction/s, mood/s, feeling/s, how they feel, ' +
  'how employees feel, how staff feel, how workers feel, how patients feel, how he feels, ' +
  'how she feels, feels, anger, angry, frustration, frustrated, boredom, bored, sadness, happiness, ' +
  'unhappy, stress levels, stressed, attentiveness, enthusiasm, irritation, resentment, morale from, ' +
  'nervous, nervousness, sentiment from, émotion/s, humeur/s, état émotionnel, états émotionnels, ' +
  'colère, frustration, ennui, tristesse, stress, ressenti, sad, look sad, looks sad, happy, ' +
  'attention from, attention of pupils, paying attention, pupils attention, attentive, distracted, ' +
  'triste/s, heureux, attention des'

const workers =
  'employee/s, worker/s, staff, nurse/s, personnel, colleague/s, trainee/s, student/s, pupil/s, ' +
  'soldier/s, recruit/s, call agents, call centre agents, call center agents, team members, workforce, ' +
  'job applicant/s, candidate/s, cleaners, doctors, surgeons, orderlies, driver/s, employé/s, ' +
  'salarié/s, personnel, infirmier/s, infirmière/s, soignant/s, agents, élève/s, étudiant/s, ' +
  'candidat/s, cashier/s, waiter/s, guards, operator/s, teacher/s, pupils'

const visited = 'patient/s, visitor/s, relatives, visiteur/s, proches'

const source =
  'camera/s, webcam/s, video, videos, video feed/s, footage, voice/s, tone of voice, vocal, face/s, ' +
  'facial, facial expression/s, micro expressions, keystrokes, typing, speech, audio, microphone/s, ' +
  'recordings, wearable/s, heart rate, gaze, posture, body language, gait, calls, caméra/s, vidéo/s, ' +
  'voix, visage/s, expressions faciales, expression du visage, intonation, micro/s, frappe au clavier, ' +
  'appels, headset/s, smartwatch/es, sensor/s, eye tracking'

/**
 * Reading emotions off workers, trainees or patients from face, voice or body, in the sense of Article 5(1)(f)
 * of Regulation (EU) 2024/1689. Lets pass: sentiment of product reviews, what patients themselves report,
 * anonymous surveys, and care for stress.
 */
export const emotionInference: SignalPatterns = {
  signal: 'emotion-inference',
  patterns: [
    near(110, infer, emotion, workers, source),
    near(110, infer, emotion, visited, source),
    near(
      70,
      'emotion recognition, emotion detection, emotion inference, emotion ai, affect recognition, emotion tracking, ' +
        'emotion analytics, mood tracking, mood detection, reconnaissance des émotions, détection des émotions, ' +
        'analyse des émotions',
      workers,
    ),
    near(
      70,
      'emotion recognition, emotion detection, emotion inference, reconnaissance des émotions',
      visited,
    ),
    phrases(
      'which employees are unhappy from their, which nurses are angry, which workers are bored, ' +
        'detect bored employees, detect angry employees, detect unhappy employees',
    ),
  ],
}
