namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Tells cheaply whether a file has changed, also when a symbolic link on the way to it was swapped (as Kubernetes does).</summary>
internal readonly record struct FileStamp(string Target, long Length, DateTime LastWriteUtc)
{
    /// <exception cref="IOException">There is no such file.</exception>
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return new FileStamp(target.FullName, target.Length, target.LastWriteTimeUtc);
    }
}
