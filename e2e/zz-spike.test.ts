import { it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFfmpeg } from '../main/outputs/ffmpeg';
import { ObsLink } from '../main/outputs/obs/obs-link';
import { BarcodeProgramme, nowUs } from './helpers/barcode-programme';
import { lookAtObs } from './helpers/obs-look';
import { ObsPeer } from './peers/obs';
import { freeUdpPort } from './peers/srt-listener';

it('spike', async () => {
  const ffmpeg = await findFfmpeg();
  const peer = new ObsPeer();
  const programme = await BarcodeProgramme.start(60);
  await peer.start();
  const link = new ObsLink({ bus: programme.bus, ffmpeg: () => ffmpeg, nowUs, fingerprints: programme,
    onLog: (l) => console.log(Math.round(nowUs() / 1000), l) , onChange: () => console.log(Math.round(nowUs()/1000), JSON.stringify(link.live(true))) });
  try {
    for (let round = 0; round < Number(process.env['ROUNDS'] ?? 2); round++) {
      console.log('start', Math.round(nowUs() / 1000));
      link.start({ host: '127.0.0.1', port: peer.port, scene: 'Fantascope', source: 'Fantascope programme', srtPort: round === 0 ? (globalThis as any).port = await freeUdpPort() : (globalThis as any).port }, peer.password);
      await sleep(4000);
      const ms: number[] = [];
      for (let i = 0; i < 20; i++) {
        const look = await lookAtObs(peer.socket, 'Fantascope programme', nowUs);
        const g = look.barcodeMs === null ? null : programme.givenUs(look.barcodeMs);
        if (g !== null) ms.push(((look.askedUs + look.answeredUs) / 2 - g) / 1000);
        await sleep(150);
      }
      console.log('barcode latencies', ms.map(Math.round).join(' '));
      await link.stop();
      await sleep(1000);
    }
  } finally {
    await link.stop();
    programme.stop();
    await peer.stop();
  }
}, 100_000);
