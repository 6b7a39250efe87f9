import type { StageToWindow, WindowToStage } from '../../contract/stage-ui';
import { CANVAS2D } from './compositor/canvas2d';
import { WEBGL2 } from './compositor/webgl2';
import { WEBGPU_CANVAS, WEBGPU_READBACK } from './compositor/webgpu';
import { Stage } from './stage';

/** The little of a worker's global scope that is used; the project is typed for windows. */
type WorkerScope = {
  postMessage(message: StageToWindow): void;
  onmessage: ((event: MessageEvent<WindowToStage>) => void) | null;
  addEventListener(type: 'unhandledrejection', listener: (event: PromiseRejectionEvent) => void): void;
};

const scope = globalThis as unknown as WorkerScope;
let stage: Stage | null = null;

scope.onmessage = ({ data }) => {
  if (data.type === 'start') {
    stage?.dispose();
    stage = new Stage({
      url: data.url,
      token: data.token,
      compositors: [CANVAS2D, WEBGL2, WEBGPU_CANVAS, WEBGPU_READBACK],
      post: (message) => scope.postMessage(message),
    });
    return;
  }
  if (stage === null) return;
  switch (data.type) {
    case 'canvas':
      return stage.attachCanvas(data.canvas);
    case 'resize':
      return stage.resize(data.width, data.height);
    case 'camera':
      return stage.attachCamera(data.layerId, data.frames);
    case 'camera-lost':
      return stage.cameraLost(data.condition);
    case 'sound':
      return stage.connectSound(data.port);
    case 'placed':
      return stage.placed(data.strips);
    case 'take-back':
      return stage.takeBack();
  }
};

// What fails where nobody waits for it (a decoder, a socket) is told, not lost.
scope.addEventListener('unhandledrejection', (event) => stage?.report(event.reason));
