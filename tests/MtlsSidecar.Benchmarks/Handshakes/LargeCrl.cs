using System.Security.Cryptography;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Handshakes;

/// <summary>Puts a CRL of a given size in place of the story's: a few real serial numbers among many of nobody.</summary>
internal static class LargeCrl
{
    private const int SerialLength = 16;

    /// <summary>Writes root's and issuing authority's CRLs; that of the issuing authority has so many entries besides the revoked one.</summary>
    public static void Write(WorkloadPki pki, WorkloadFiles revoked, int entries, int number)
        => AtomicRename.Write(pki.CrlFile, Create(pki, revoked, entries, number));

    /// <summary>The same as PEM, not yet written.</summary>
    public static string Create(WorkloadPki pki, WorkloadFiles revoked, int entries, int number)
    {
        var list = new TestCrl
        {
            Number = number,
            Entries = [TestCrlEntry.For(revoked.Certificate.Certificate), .. Enumerable.Range(0, entries).Select(_ => new TestCrlEntry(Serial()))],
            AuthorityKeyIdentifier = null,
        };
        return WorkloadPki.CrlPem(pki.Root.CreateCrl([], number)) + WorkloadPki.CrlPem(list.Sign(pki.Issuing));
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialLength);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }
}
