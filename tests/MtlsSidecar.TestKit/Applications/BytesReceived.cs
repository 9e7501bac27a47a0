namespace MtlsSidecar.TestKit.Applications;

/// <summary>Told each piece of bytes that arrived.</summary>
public delegate void BytesReceived(ReadOnlySpan<byte> bytes);
