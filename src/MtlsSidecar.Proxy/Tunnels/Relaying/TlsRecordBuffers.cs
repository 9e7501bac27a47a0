using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace MtlsSidecar.Proxy.Tunnels.Relaying;

/// <summary>
/// Lets OpenSSL give back the record buffers of a connection while they are empty: some 33 KiB a connection, which is most of what an idle
/// tunnel costs. OpenSSL has a switch for it (<c>SSL_MODE_RELEASE_BUFFERS</c>, SSL_set_mode(3)), .NET doesn't offer it, so the native
/// handle is taken from the <see cref="SslStream"/>. Where anything is not exactly as known, nothing is done, and only memory is lost:
/// docs/decisions/0023.
/// </summary>
internal static class TlsRecordBuffers
{
    private const string Library = "libssl.so.3";
    private const int ControlMode = 33;
    private const int ReleaseBuffers = 0x10;
    private static readonly FieldInfo? Context = typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic);
    private static readonly bool IsKnown = OperatingSystem.IsLinux() && Context is not null && IsTheOnlyLibrary();

    /// <summary>Switches it on for a connection whose handshake is finished.</summary>
    /// <returns>Whether it is on.</returns>
    public static bool ReleaseWhileEmpty(SslStream tls)
    {
        if (!IsKnown || Context!.GetValue(tls) is not SafeHandle { IsInvalid: false, IsClosed: false } handle || handle.GetType().Name != "SafeSslHandle")
        {
            return false;
        }

        var isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            return (Control(handle.DangerousGetHandle(), ControlMode, ReleaseBuffers, 0) & ReleaseBuffers) != 0;
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>A handle of one OpenSSL in the hands of another would be the end of the process: there must be no other in it.</summary>
    [SupportedOSPlatform("linux")]
    private static bool IsTheOnlyLibrary()
    {
        const int VersionShift = 28;
        try
        {
            return SafeEvpPKeyHandle.OpenSslVersion >> VersionShift == 3
                && NativeLibrary.TryLoad(Library, out _)
                && File.ReadLines("/proc/self/maps").Where(line => line.Contains("/libssl", StringComparison.Ordinal))
                    .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Distinct(StringComparer.Ordinal).Count() == 1;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    [DllImport(Library, EntryPoint = "SSL_ctrl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Control(nint ssl, int command, nint argument, nint pointer);
}
