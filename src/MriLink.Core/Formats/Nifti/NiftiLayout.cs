namespace MriLink.Core.Formats.Nifti;

/// <summary>Where everything is in a NIfTI header, as nifti1.h and nifti2.h (nifti.nimh.nih.gov) have it and name it.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Length">Bytes of the header.</param>
/// <param name="Magic">What marks a header whose voxels follow in the same file.</param>
/// <param name="Fields">The fields.</param>
internal sealed record NiftiLayout(int Version, int Length, string Magic, HeaderLayout Fields)
{
    /// <summary>NIfTI-1.</summary>
    public static NiftiLayout Version1 { get; } = new(1, 348, "n+1\0", new("""
        sizeof_hdr i 0 1, data_type t 4 10, db_name t 14 18, extents i 32 1, session_error h 36 1, regular c 38 1, dim_info b 39 1, dim h 40 8
        intent_p1 f 56 1, intent_p2 f 60 1, intent_p3 f 64 1, intent_code h 68 1, datatype h 70 1, bitpix h 72 1, slice_start h 74 1, pixdim f 76 8
        vox_offset f 108 1, scl_slope f 112 1, scl_inter f 116 1, slice_end h 120 1, slice_code b 122 1, xyzt_units b 123 1, cal_max f 124 1
        cal_min f 128 1, slice_duration f 132 1, toffset f 136 1, glmax i 140 1, glmin i 144 1, descrip t 148 80, aux_file t 228 24
        qform_code h 252 1, sform_code h 254 1, quatern_b f 256 1, quatern_c f 260 1, quatern_d f 264 1, qoffset_x f 268 1, qoffset_y f 272 1
        qoffset_z f 276 1, srow_x f 280 4, srow_y f 296 4, srow_z f 312 4, intent_name t 328 16, magic c 344 4
        """));

    /// <summary>NIfTI-2.</summary>
    public static NiftiLayout Version2 { get; } = new(2, 540, "n+2\0\r\n\u001a\n", new("""
        sizeof_hdr i 0 1, magic c 4 8, datatype h 12 1, bitpix h 14 1, dim l 16 8, intent_p1 d 80 1, intent_p2 d 88 1, intent_p3 d 96 1
        pixdim d 104 8, vox_offset l 168 1, scl_slope d 176 1, scl_inter d 184 1, cal_max d 192 1, cal_min d 200 1
        slice_duration d 208 1, toffset d 216 1
        slice_start l 224 1, slice_end l 232 1, descrip t 240 80, aux_file t 320 24, qform_code i 344 1, sform_code i 348 1, quatern_b d 352 1
        quatern_c d 360 1, quatern_d d 368 1, qoffset_x d 376 1, qoffset_y d 384 1, qoffset_z d 392 1, srow_x d 400 4, srow_y d 432 4, srow_z d 464 4
        slice_code i 496 1, xyzt_units i 500 1, intent_code i 504 1, intent_name t 508 16, dim_info b 524 1, unused_str t 525 15
        """));
}
