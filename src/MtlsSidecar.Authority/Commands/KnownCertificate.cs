using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Authority.Commands;

/// <summary>Finds one certificate of ours by what people have at hand of it.</summary>
internal static class KnownCertificate
{
    /// <summary>Finds it by its serial number or its PEM file.</summary>
    /// <exception cref="UsageException">There is none, or not exactly one.</exception>
    public static CertificateRecord Find(IAuthorityStore store, string what)
    {
        if (File.Exists(what))
        {
            return FindByFile(store, what);
        }

        if (!SerialNumber.TryParse(what, out var serial))
        {
            throw new UsageException($"'{what}' is neither a file nor a serial number in hexadecimal.");
        }

        return store.FindCertificates(serial.Value) switch
        {
            [var certificate] => certificate,
            [] => throw new UsageException($"no certificate with serial number {serial} was issued here."),
            _ => throw new UsageException($"several issuers gave the serial number {serial}: name the certificate's PEM file."),
        };
    }

    private static CertificateRecord FindByFile(IAuthorityStore store, string file)
    {
        try
        {
            var certificate = CertificatePem.Read(File.ReadAllText(file), file) is [var first, ..] ? first : throw new UsageException($"{file} holds no PEM certificate.");
            return store.FindCertificates(SerialNumber.FromOctets(certificate.SerialNumber.Span))
                .FirstOrDefault(known => known.Certificate.AsSpan().SequenceEqual(certificate.RawData.Span))
                ?? throw new UsageException($"the certificate in {file} was not issued here.");
        }
        catch (TrustMaterialException exception)
        {
            throw new UsageException(exception.Message);
        }
    }
}
