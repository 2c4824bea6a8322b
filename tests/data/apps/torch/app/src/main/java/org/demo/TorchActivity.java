package org.demo;

import android.content.Context;
import android.os.Bundle;
import org.pytorch.IValue;
import org.pytorch.LiteModuleLoader;
import org.pytorch.Module;
import org.pytorch.Tensor;

public class TorchActivity extends AppCompatActivity implements Runnable {
  private Module module = null;

  @Override
  protected void onCreate(Bundle savedInstanceState) {
    super.onCreate(savedInstanceState);
    try {
      module = LiteModuleLoader.load(TorchActivity.assetFilePath(getApplicationContext(), "yolo.ptl"));
    } catch (IOException e) {
      finish();
    }
    button.setOnClickListener(v -> {
      Thread thread = new Thread(TorchActivity.this);
      thread.start();
    });
  }

  public static String assetFilePath(Context context, String assetName) throws IOException {
    File file = new File(context.getFilesDir(), assetName);
    if (file.exists() && file.length() > 0) {
      return file.getAbsolutePath();
    }
    try (InputStream is = context.getAssets().open(assetName)) {
      return copy(is, file);
    }
  }

  @Override
  public void run() {
    Tensor input = Tensor.fromBlob(data, new long[] {1, 3, 64, 64});
    IValue[] out = module.forward(IValue.from(input)).toTuple();
  }
}
